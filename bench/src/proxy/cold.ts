import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { startRedis } from '@doa-market/scripts/redis';
import { cleaningUp } from '../clean-up.ts';
import { quantile } from '../statistics.ts';
import { ask, keepAlive } from './ask.ts';
import { type PageOrigin, startPageOrigin } from './page-origin.ts';
import { type ProxyProcess, startProxy } from './proxy-process.ts';

const PROXIES = 3;
const CROWD = 1_000;
const RENDER = 1_000;
/** Of the right to render; milliseconds. */
const LOCK_EXPIRY = 3_000;
/** On top of what is waited for: a thousand connections and answers share two cores with the load. */
const SLACK = 1_000;
/** One site, whichever process answers. */
const HOST = 'localhost:9000';

/** A thousand at once for a page that nobody has, over processes that share a Redis. */
export const cold = (): Promise<void> =>
  cleaningUp(async ({ folder, keep }) => {
    const redis = keep(await startRedis({ dataDir: join(folder, 'redis') }));
    const origin = keep(
      await startPageOrigin({ render: RENDER, cacheControl: 's-maxage=60', doors: PROXIES }),
    );
    const proxies: ProxyProcess[] = [];
    for (const url of origin.urls) {
      const env = { REDIS_URL: redis.url, PROXY_SERVER_URL: `http://${HOST}`, NEXT_SERVER: url };
      proxies.push(keep(await startProxy(env)));
    }
    await untilTheyShare(proxies, origin);

    console.log(`\n${CROWD} at once for a cold page, ${PROXIES} proxies, render ${RENDER} ms`);
    report(await crowd(proxies, '/'), origin.rendersOf('/').length, `1 render`);

    const path = '/categories';
    const holder = origin.nextRenderOf(path).then(async ({ door }) => {
      await delay(RENDER / 2);
      await proxies[door]?.kill();
    });
    const outcomes = await crowd(proxies, path);
    await holder;
    console.log('the same, the one that renders killed in the middle of it');
    report(
      outcomes,
      origin.rendersOf(path).length,
      `2 renders, longest wait ${LOCK_EXPIRY + RENDER} ms and what the crowd itself takes (${SLACK} ms)`,
    );
  });

/** The time of each answer in milliseconds; undefined where the connection was lost with the process. */
async function crowd(proxies: readonly ProxyProcess[], path: string): Promise<(number | undefined)[]> {
  const agent = keepAlive();
  const one = async (index: number) => {
    const begin = performance.now();
    const url = `${proxies[index % proxies.length]?.url}${path}`;
    const reply = await ask(url, { headers: { Host: HOST }, agent }).catch(() => undefined);
    if (reply && reply.status !== 200) throw new Error(`${url} answered ${reply.status}`);
    return reply && performance.now() - begin;
  };
  const times = await Promise.all(Array.from({ length: CROWD }, (_, index) => one(index)));
  agent.destroy();
  return times;
}

function report(outcomes: readonly (number | undefined)[], renders: number, bar: string): void {
  const times = outcomes.filter((it) => it !== undefined);
  const figures = [0.5, 0.99, 1].map((share) => quantile(times, share).toFixed(0));
  console.log(
    `  ${renders} render(s), ${times.length} answered, ${outcomes.length - times.length} lost; ` +
      `p50 ${figures[0]}, p99 ${figures[1]}, longest ${figures[2]} ms   (bar: ${bar})`,
  );
}

/** Redis is connected to after a process answers. @throws after ten seconds */
async function untilTheyShare(proxies: readonly ProxyProcess[], origin: PageOrigin): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const path = `/events/${attempt}`;
    for (const { url } of proxies) await ask(`${url}${path}`, { headers: { Host: HOST } });
    if (origin.rendersOf(path).length === 1) return;
  }
  throw new Error('the proxies share nothing');
}
