import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SearchResultSchema } from '@doa-market/common/contracts';
import { startAuthority } from '@doa-market/common/testing';
import { startPostgres } from '@doa-market/scripts/postgres';
import { Value } from 'typebox/value';
import { cleaningUp } from '../clean-up.ts';
import { quantile } from '../statistics.ts';
import { prepareCatalogue, startCatalogue } from './catalogue.ts';
import { DEEP, QUESTIONS } from './questions.ts';

/**
 * Search, suggestions and lists over a large catalogue against the same over a small one, in alternating rounds: both
 * servers and both databases are there all the time. One request at a time, so that what is measured is its own work.
 *
 *   BENCH_PRODUCTS  how many products the large one has, a million unless it says otherwise
 *   BENCH_DATA      a folder that keeps the databases for the next run; without it they are gone afterwards
 */

const SMALL = 10_000;
const LARGE = Number(process.env['BENCH_PRODUCTS'] ?? 1_000_000);
const REDIS = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6380/15';
const ROUNDS = 3;
/** What the large one may cost of the small one at the 95th percentile, and a suggestion in milliseconds. */
const BARS: Record<string, number> = { search: 3, 'product list': 3 };
const SUGGESTION_BAR = 30;

async function timed(url: string): Promise<number> {
  const started = performance.now();
  const response = await fetch(url);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return performance.now() - started;
}

/** Milliseconds of every answer of each server, the first round left out: it warms both up. */
async function measure(servers: readonly string[], paths: readonly string[]): Promise<number[][]> {
  const times = servers.map((): number[] => []);
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const path of paths) {
      for (const [index, server] of servers.entries()) {
        const time = await timed(`${server}${path}`);
        if (round > 0) times[index]?.push(time);
      }
    }
  }
  return times;
}

async function lastCursor(server: string): Promise<string> {
  let cursor: string | undefined;
  for (;;) {
    const { meta } = Value.Parse(SearchResultSchema, await (await fetch(`${server}${DEEP(cursor)}`)).json());
    if (meta.nextCursor === null) return cursor ?? '';
    cursor = meta.nextCursor;
  }
}

const ms = (values: readonly number[], share: number) => quantile(values, share).toFixed(1).padStart(7);

await cleaningUp(async ({ folder, keep }) => {
  const data = process.env['BENCH_DATA'] ?? join(folder, 'search');
  mkdirSync(data, { recursive: true });
  // PostgreSQL may run as an account of its own, which has to get through to its data.
  for (const path of [folder, data]) chmodSync(path, 0o711);
  const postgres = keep(await startPostgres({ dataDir: join(data, 'postgres') }));
  const authority = await startAuthority();
  keep({ stop: authority.close });
  const env = { AUTH_SERVICE_URL: authority.url, REDIS_URL: REDIS };
  const servers = [];
  for (const products of [SMALL, LARGE]) {
    servers.push(keep(await startCatalogue(await prepareCatalogue(postgres, products), env)).url);
  }
  const large = servers[1] ?? '';

  console.log(`\n                       ${SMALL} products        ${LARGE} products`);
  console.log('                        p50      p95       p50      p95 ms   p95 ratio');
  for (const [name, paths] of Object.entries(QUESTIONS)) {
    const [small = [], big = []] = await measure(servers, paths);
    const ratio = (quantile(big, 0.95) / quantile(small, 0.95)).toFixed(2);
    const bar =
      name === 'suggestions' ? `p95 bar ${SUGGESTION_BAR} ms` : BARS[name] ? `bar ${BARS[name]}` : '';
    console.log(
      `${name.padEnd(20)}${ms(small, 0.5)}  ${ms(small, 0.95)}   ${ms(big, 0.5)}  ${ms(big, 0.95)}      ${ratio}   ${bar}`,
    );
  }
  const cursor = await lastCursor(large);
  const [first = []] = await measure([large], Array(30).fill(DEEP()));
  const [last = []] = await measure([large], Array(30).fill(DEEP(cursor)));
  console.log(`\nfirst page of many     p50${ms(first, 0.5)}   p95${ms(first, 0.95)} ms`);
  console.log(`last page by cursor    p50${ms(last, 0.5)}   p95${ms(last, 0.95)} ms   bar: the same`);
});
