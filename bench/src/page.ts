import { wrk } from './wrk.ts';

/**
 * The home page from the proxy's cache against the same page from `next start`, both of a running local stack.
 * Rounds alternate, so that whatever else the machine does falls on both; the medians are compared.
 */

const SECONDS = 5;
const ROUNDS = 3;
const CONNECTIONS = 64;
const HEADERS = { 'Accept-Encoding': 'gzip, br' };

const peers = {
  'proxy-server (HIT)': process.env['PROXY_SERVER_URL'] ?? 'http://localhost:9000',
  'next start (ISR)': process.env['NEXT_SERVER'] ?? 'http://127.0.0.1:3000',
};

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const results = new Map(
  Object.keys(peers).map((name) => [name, { rates: [] as number[], p99s: [] as number[] }]),
);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, origin] of Object.entries(peers)) {
    const load = { url: `${origin}/`, connections: CONNECTIONS, seconds: SECONDS, headers: HEADERS };
    const { requestsPerSecond, p99 } = await wrk(load);
    results.get(name)?.rates.push(requestsPerSecond);
    results.get(name)?.p99s.push(p99);
  }
}

const rates: number[] = [];
for (const [name, { rates: all, p99s }] of results) {
  rates.push(median(all));
  console.log(
    `${name.padEnd(20)} ${median(all).toFixed(0).padStart(8)} req/s   p99 ${median(p99s).toFixed(1)} ms`,
  );
}
const [proxy = 0, next = 0] = rates;
console.log(`ratio ${(proxy / next).toFixed(1)}`);
