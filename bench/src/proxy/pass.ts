import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRedis } from '@doa-market/scripts/redis';
import { cleaningUp } from '../clean-up.ts';
import { startGateway } from '../gateway-process.ts';
import { LOAD } from '../pinned.ts';
import { processorTime } from '../process-figures.ts';
import { alternate, type Contender, ROUNDS } from '../rounds.ts';
import { AUTH, BFF, guestToken, NEXT } from '../stack.ts';
import { startProxy } from './proxy-process.ts';

const headers = { 'Accept-Encoding': 'gzip, br' };
/** Enough that parallel requests are never for the same key. */
const HOSTS = Array.from({ length: 64 }, (_, index) => `shop-${index}.example`);
/** At most this much slower than without the proxy: the larger of the two. */
const SHARE = 1.1;
const MILLISECONDS = 1;
/** Of each contender in each round. */
const SECONDS = 3;

/** What the proxy adds to what it has to ask for: p50 through it against p50 of the same thing asked directly. */
export const pass = (): Promise<void> =>
  cleaningUp(async ({ folder, keep }) => {
    const redis = keep(await startRedis({ dataDir: join(folder, 'redis') }));
    const gateway = keep(
      await startGateway(
        join(folder, 'gateway'),
        { AUTH_SERVICE_URL: AUTH, BFF_SERVICE_URL: BFF, REDIS_URL: redis.url },
        { core: LOAD },
      ),
    );
    const proxy = keep(
      await startProxy({
        KONG_GATEWAY_URL: gateway.url,
        ALLOWED_HOSTS: HOSTS.join(','),
        CACHE_MAX_BYTES: '0',
      }),
    );
    const both = (path: string, rest: Partial<Contender>): Pair => [
      { name: 'proxy-server', url: `${proxy.url}${path}`, headers, ...rest },
      { name: 'direct', url: `${NEXT}${path}`, headers, ...rest },
    ];

    const added = (title: string, pair: Pair) => measureAdded(title, pair, proxy.pid);
    await added('a page past the cache (Range)', both('/', { headers: { ...headers, Range: 'bytes=0-' } }));
    await added('a page that is not kept yet (MISS)', both('/', { script: manyHosts(folder, proxy.url) }));
    await added('/api/categories', [
      { name: 'proxy-server', url: `${proxy.url}/api/categories`, headers },
      {
        name: 'gateway',
        url: `${gateway.url}/api/categories`,
        headers: { ...headers, Authorization: `Bearer ${await guestToken()}` },
      },
    ]);
  });

type Pair = [through: Contender, direct: Contender];

async function measureAdded(title: string, pair: Pair, pid: number | undefined): Promise<void> {
  console.log(`\n${title}`);
  for (const connections of [1, 8]) {
    const before = processorTime(pid);
    const [through, direct] = await alternate(pair, { connections, seconds: SECONDS });
    const work = (processorTime(pid) - before) / (through.requestsPerSecond * SECONDS * ROUNDS);
    const bar = Math.max(direct.p50 * SHARE, direct.p50 + MILLISECONDS);
    console.log(
      `  ${connections} connections   p50 ${through.p50.toFixed(2)} ms, ${pair[1].name} ${direct.p50.toFixed(2)} ms ` +
        `(bar ${bar.toFixed(2)})   p99 ${through.p99.toFixed(1)} ms, ${direct.p99.toFixed(1)} ms   ` +
        `processor time of the proxy ${work.toFixed(2)} ms a request`,
    );
  }
}

/** wrk's own Lua: a key has the host in it, so every request is for another one; Next.js takes no notice of hosts. */
function manyHosts(folder: string, url: string): string {
  const path = join(folder, 'many-hosts.lua');
  const hosts = HOSTS.map((host) => `"${host}:${new URL(url).port}"`);
  writeFileSync(
    path,
    `local hosts, requests, next = { ${hosts.join(',')} }, {}, 0
init = function()
  for index, host in ipairs(hosts) do
    wrk.headers["Host"] = host
    requests[index] = wrk.format("GET", nil)
  end
end
request = function()
  next = next % #requests + 1
  return requests[next]
end
`,
  );
  return path;
}
