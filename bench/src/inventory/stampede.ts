import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { quantile } from '../statistics.ts';
import { createBuyers } from './buyers.ts';
import type { BenchShop } from './shop.ts';

const CROWD = 5_000;
const PROCESSES = 3;

/** Statements that are about holds and seats, and not the looking for what has expired of every second. */
const STATEMENTS = `
  SELECT coalesce(sum(calls), 0)::int AS calls FROM pg_stat_statements
  WHERE query ~ 'seats|holds|hold_items' AND query !~ 'EXISTS .SELECT FROM holds|SKIP LOCKED|pg_stat'`;

/** Thousands for one seat at the same moment: what reaches PostgreSQL with the gate, and without it. */
export async function stampede(shop: BenchShop): Promise<void> {
  console.log(`\n${CROWD} at once for one seat, ${PROCESSES} processes`);
  const without = await crowd(shop, false);
  const behind = await crowd(shop, true);
  console.log(
    `  statements: ${behind} behind the gate, ${without} without it (1/${(without / behind).toFixed(0)})   (bar: a handful)`,
  );
}

async function crowd(shop: BenchShop, gate: boolean): Promise<number> {
  const { id, seatIds } = await shop.event(1);
  const servers = await Promise.all(Array.from({ length: PROCESSES }, () => shop.start(gate)));
  const buyers = createBuyers(servers, shop.token);
  // They have the keys to verify tokens with, as processes have that did not start this second.
  await Promise.all(servers.map((server) => buyers.ask(server, `/events/${randomUUID()}/holds`)));
  await shop.database.query('SELECT pg_stat_statements_reset()');
  const statuses = new Map<number | string, number>();
  const times: number[] = [];
  const begin = performance.now();
  await Promise.all(
    Array.from({ length: CROWD }, async () => {
      const wish = { owner: `buyer:${randomUUID()}`, key: 'bench', ttl: 300, seatIds };
      const start = performance.now();
      const status = await buyers.once(`/events/${id}/holds`, wish).then(
        (it) => it.status,
        () => 'lost',
      );
      times.push(performance.now() - start);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }),
  );
  const seconds = (performance.now() - begin) / 1_000;
  const { calls } = await shop.one<{ calls: number }>(STATEMENTS);
  const answers = [...statuses].map(([status, count]) => `${count} x ${status}`).join(', ');
  const [p50, p99] = [0.5, 0.99].map((share) => quantile(times, share).toFixed(0));
  console.log(
    `  ${gate ? 'behind the gate' : 'without Redis'}: ${answers} in ${seconds.toFixed(1)} s, p50 ${p50}, p99 ${p99} ms`,
  );
  buyers.close();
  await Promise.all(servers.map((server) => server.kill()));
  return calls;
}
