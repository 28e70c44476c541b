import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerProcess } from '@doa-market/scripts/server-process';
import { quantile } from '../statistics.ts';
import { createBuyers } from './buyers.ts';
import { serveCrowd } from './crowd.ts';
import type { BenchShop } from './shop.ts';

const BUYERS = 10_000;
const AT_ONCE = 200;
const UNITS = 1_000;
const SEATS = 1_000;
const PROCESSES = 3;
/** Milliseconds between two kills. */
const KILL_EVERY = 4_000;

/** From one to four. */
const some = () => 1 + Math.floor(Math.random() * 4);

interface Stock {
  sold: number;
  left: number;
  held: number;
}

/** Thousands for far too little, while processes are killed: what was sold must be what was there. */
export async function storm(shop: BenchShop): Promise<void> {
  const [skuId = ''] = await shop.skus(1, UNITS);
  await rush(shop, `${BUYERS} buyers of 1-4 units for ${UNITS} of one SKU`, UNITS, {
    wish: () => ['/holds', { items: [{ skuId, quantity: some() }] }],
    read: () =>
      shop.one<Stock>(
        `SELECT $2::int - on_hand AS sold, on_hand - held AS left, held FROM skus WHERE id = $1`,
        [skuId, UNITS],
      ),
  });
  const { id, seatIds } = await shop.event(SEATS);
  await rush(shop, `${BUYERS} buyers of 1-4 seats that lie together for ${SEATS} seats`, SEATS, {
    wish: () => {
      const first = Math.floor(Math.random() * SEATS);
      return [`/events/${id}/holds`, { seatIds: seatIds.slice(first, first + some()) }];
    },
    read: () =>
      shop.one<Stock>(
        `SELECT count(*) FILTER (WHERE status = 'SOLD')::int AS sold,
                count(*) FILTER (WHERE hold_id IS NULL)::int AS left,
                count(*) FILTER (WHERE status = 'AVAILABLE' AND hold_id IS NOT NULL)::int AS held
         FROM seats WHERE event_id = $1`,
        [id],
      ),
  });
}

interface Rush {
  wish: () => [path: string, wish: object];
  read: () => Promise<Stock>;
}

async function rush(shop: BenchShop, title: string, there: number, { wish, read }: Rush): Promise<void> {
  const servers = await Promise.all(Array.from({ length: PROCESSES }, () => shop.start()));
  const buyers = createBuyers(servers, shop.token);
  const rage = killing(shop, servers);
  const begin = performance.now();
  let bought = 0;
  await serveCrowd(BUYERS, AT_ONCE, async () => {
    if (await buyers.buy(...wish())) bought += 1;
  });
  const seconds = (performance.now() - begin) / 1_000;
  const kills = await rage.stop();
  const held = async () => (await shop.one<{ held: boolean }>(HELD)).held;
  while (await held()) await delay(100);
  const stock = await read();
  const oversold = Math.max(0, stock.sold - there);
  const [p50, p99] = [0.5, 0.99].map((share) => quantile(buyers.times, share).toFixed(0));
  console.log(`\n${title}, ${PROCESSES} processes, ${AT_ONCE} at once, ${kills} of them killed`);
  console.log(
    `  sold ${stock.sold} in ${bought} orders, left ${stock.left}, held ${stock.held} at the end   (bar: held 0)`,
  );
  console.log(`  oversold ${oversold}, lost ${there - stock.sold - stock.left}   (bar: 0)`);
  console.log(
    `  ${(BUYERS / seconds).toFixed(0)} buyers/s, a hold p50 ${p50}, p99 ${p99} ms, restarts waited for included`,
  );
  buyers.close();
  await Promise.all(servers.map((server) => server.kill()));
}

const HELD = `SELECT EXISTS (SELECT FROM holds WHERE state = 'HELD') AS held`;

/** Kills one process after the other, and puts another in its place. */
function killing(shop: BenchShop, servers: ServerProcess[]) {
  const over = new AbortController();
  let kills = 0;
  const raging = (async () => {
    for (;;) {
      await delay(KILL_EVERY, undefined, { signal: over.signal });
      const victim = kills % servers.length;
      await servers[victim]?.kill();
      kills += 1;
      servers[victim] = await shop.start();
    }
  })().catch(() => undefined);
  return {
    async stop(): Promise<number> {
      over.abort();
      await raging;
      return kills;
    },
  };
}
