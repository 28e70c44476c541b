import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from '../statistics.ts';
import { gatherCrowd } from './crowd.ts';
import type { Hall } from './hall.ts';

const MEMBERS = 200_000;
const ENTERS = 4_000;
/** Milliseconds of watching, before and after the opening. */
const AROUND = 2_000;
const BARS = { memory: 150, blocked: 10 };
/** Microseconds from which a command is in Redis' slow log. */
const SLOW = 1_000;

const MB = 1_000_000;

/** Two hundred thousand in one room: what they take, and how long Redis is held up when their numbers are drawn. */
export async function size(hall: Hall): Promise<void> {
  const empty = await hall.figures.usedMemory();
  const crowd = await gatherCrowd(hall, { size: MEMBERS });
  const { statuses } = await crowd.enters(ENTERS, { from: 0, to: MEMBERS });
  const taken = (await hall.figures.usedMemory()) - empty;
  console.log(`\n${statuses.get(200) ?? 0} waiting in one event`);
  console.log(`  Redis holds ${(taken / MB).toFixed(1)} MB more   (bar: ${BARS.memory} MB)`);

  await hall.redis.config('SET', 'slowlog-log-slower-than', SLOW);
  await hall.redis.call('SLOWLOG', 'RESET');
  const watch = watching(hall);
  await delay(AROUND);
  const openedAt = performance.now();
  await hall.operate('POST', `${crowd.eventId}/open`);
  const took = performance.now() - openedAt;
  await delay(AROUND);
  const pings = await watch.stop();
  const [before, after] = [pings.filter(({ at }) => at < openedAt), pings.filter(({ at }) => at >= openedAt)];
  const longest = (list: typeof pings) =>
    quantile(
      list.map(({ latency }) => latency),
      1,
    ).toFixed(1);
  const slow = await hall.figures.slowCommands();
  console.log(`  the opening was answered after ${took.toFixed(1)} ms`);
  console.log(
    `  a ping every millisecond waited at most ${longest(after)} ms in the ${AROUND / 1_000} s after it, ` +
      `${longest(before)} ms before   (bar: ${BARS.blocked} ms)`,
  );
  const slowest = slow.length === 0 ? `none over ${SLOW / 1_000} ms` : `${Math.max(...slow) / 1_000} ms`;
  console.log(`  the slowest command of Redis' own log: ${slowest}`);
  crowd.close();
}

/** Asks Redis every millisecond whether it is there. */
function watching({ redis }: Hall) {
  const pings: { at: number; latency: number }[] = [];
  let over = false;
  const watched = (async () => {
    while (!over) {
      const at = performance.now();
      await redis.ping();
      pings.push({ at, latency: performance.now() - at });
      await delay(1);
    }
  })();
  return {
    async stop() {
      over = true;
      await watched;
      return pings;
    },
  };
}
