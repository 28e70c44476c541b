import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startAuthority } from '@doa-market/common/testing';
import { freePort } from '@doa-market/scripts/free-port';
import { startPostgres } from '@doa-market/scripts/postgres';
import { answering } from './answering.ts';
import { cleaningUp } from './clean-up.ts';
import { MEASURED, spawnPinned } from './pinned.ts';
import { ask, keepAlive } from './proxy/ask.ts';
import { prepareCatalogue, startCatalogue } from './search/catalogue.ts';
import { quantile } from './statistics.ts';
import { wrk } from './wrk.ts';

/**
 * What bff-server adds to its pages: the time of a page against the slowest of the calls that it is made of, asked of
 * product-server directly and at once, in alternating turns. Nothing is cached. Both servers share the first core.
 *
 *   BENCH_PRODUCTS  how many products there are, 10,000 unless it says otherwise
 *   BENCH_DATA      a folder that keeps the database for the next run
 */

const PRODUCTS = Number(process.env['BENCH_PRODUCTS'] ?? 10_000);
const REDIS = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6380/15';
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TURNS = 400;
const WARM_UP = 100;
/** What a page may cost of its slowest call at the 95th percentile. */
const BAR = 1.3;

const SLUG = 'mood-table-lamp';
const PAGES: Record<string, { page: string; calls: string[] }> = {
  home: {
    page: '/api/home',
    calls: [
      '/api/v1/banners',
      '/api/v1/categories',
      '/api/v1/shelves?limit=8',
      '/api/v1/reviews?limit=6',
      '/api/v1/events?limit=4',
    ],
  },
  product: {
    page: `/api/products/${SLUG}`,
    calls: [
      `/api/v1/products/${SLUG}`,
      `/api/v1/products/${SLUG}/related?limit=4`,
      `/api/v1/products/${SLUG}/reviews?sort=newest&limit=5`,
    ],
  },
};

const agent = keepAlive();

async function timed(urls: readonly string[]): Promise<number> {
  const begin = performance.now();
  const answers = await Promise.all(urls.map((url) => ask(url, { agent })));
  const bad = answers.find(({ status }) => status !== 200);
  if (bad) throw new Error(`${urls.join(' ')} answered ${bad.status}`);
  return performance.now() - begin;
}

async function startBff(env: Record<string, string>) {
  const url = `http://127.0.0.1:${await freePort()}`;
  const { stop } = spawnPinned(
    MEASURED,
    [process.execPath, '--conditions=@doa-market/source', '--import', 'tsx', 'bff-server/src/main.ts'],
    { cwd: ROOT, env: { ...env, PORT: new URL(url).port, HOST: '127.0.0.1', LOG_LEVEL: 'error' } },
  );
  await answering(`${url}/health`);
  return { url, stop };
}

await cleaningUp(async ({ folder, keep }) => {
  const data = process.env['BENCH_DATA'] ?? join(folder, 'catalogue');
  mkdirSync(data, { recursive: true });
  // PostgreSQL may run as an account of its own, which has to get through to its data.
  for (const path of [folder, data]) chmodSync(path, 0o711);
  const postgres = keep(await startPostgres({ dataDir: join(data, 'postgres') }));
  const authority = await startAuthority();
  keep({ stop: authority.close });
  keep({ stop: () => agent.destroy() });
  const env = { AUTH_SERVICE_URL: authority.url, REDIS_URL: REDIS };
  const product = keep(await startCatalogue(await prepareCatalogue(postgres, PRODUCTS), env));
  const bff = keep(await startBff({ ...env, PRODUCT_SERVICE_URL: product.url }));

  console.log(`\n${PRODUCTS} products, ${TURNS} turns    page p50      p95   slowest call p50      p95 ms`);
  for (const [name, { page, calls }] of Object.entries(PAGES)) {
    const pages: number[] = [];
    const slowest: number[] = [];
    for (let turn = -WARM_UP; turn < TURNS; turn += 1) {
      const whole = await timed([bff.url + page]);
      const direct = await timed(calls.map((path) => product.url + path));
      if (turn < 0) continue;
      pages.push(whole);
      slowest.push(direct);
    }
    const ms = (values: readonly number[], share: number) => quantile(values, share).toFixed(1).padStart(8);
    const ratio = (quantile(pages, 0.95) / quantile(slowest, 0.95)).toFixed(2);
    console.log(
      `${name.padEnd(24)}${ms(pages, 0.5)} ${ms(pages, 0.95)}           ${ms(slowest, 0.5)} ${ms(slowest, 0.95)}   p95 ratio ${ratio} (bar ${BAR})`,
    );
    const { requestsPerSecond, p99 } = await wrk({ url: bff.url + page, connections: 16, seconds: 5 });
    console.log(`  at 16 connections ${requestsPerSecond.toFixed(0)} pages/s, p99 ${p99.toFixed(1)} ms`);
  }
});
