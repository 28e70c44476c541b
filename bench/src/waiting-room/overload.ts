import { performance } from 'node:perf_hooks';
import { quantile } from '../statistics.ts';
import { gatherCrowd, type Outcome } from './crowd.ts';
import type { Hall } from './hall.ts';

/** Enters: whoever enters is new, and costs the most. */
const MEMBERS = 150_000;
const CONNECTIONS = 2_000;
const SECONDS = 4;
const TIMES = [1, 1.5, 2, 0.5];
const BARS = { goodput: 0.8 };

/** More than it can take: what it refuses, what it answers all the same, and whether it comes back. */
export async function overload(hall: Hall): Promise<void> {
  const crowd = await gatherCrowd(hall, { size: MEMBERS, connections: CONNECTIONS });
  let next = 0;
  const take = (count: number) => {
    const range = { from: next, to: Math.min(MEMBERS, next + Math.floor(count)) };
    next = range.to;
    return range;
  };
  // All at once, and how many of them it answers a second.
  const begin = performance.now();
  const flood = await crowd.enters(1_000_000, take(20_000));
  const knee = (flood.statuses.get(200) ?? 0) / ((performance.now() - begin) / 1_000);
  console.log(`\nenters beyond what one process can take (${knee.toFixed(0)}/s), ${CONNECTIONS} connections`);
  for (const times of TIMES) {
    const outcome = await crowd.enters(knee * times, take(knee * times * SECONDS));
    console.log(`  ${times} times as many: ${describe(outcome)}`);
  }
  console.log(
    `  (bar: answered at 1.5 and 2 times no less than ${BARS.goodput} of the knee; all at half of it)`,
  );
  crowd.close();
}

function describe({ samples }: Outcome): string {
  const good = samples.filter(({ status }) => status === 200);
  const refused = samples.filter(({ status }) => status === 503 || status === 429);
  const other = samples.length - good.length - refused.length;
  const first = samples[0]?.at ?? 0;
  const end = Math.max(...samples.map(({ at, latency }) => at + latency));
  const rate = (good.length * 1_000) / (end - first);
  const p95 = quantile(
    good.map(({ latency }) => latency),
    0.95,
  );
  return (
    `${rate.toFixed(0)}/s answered, P95 ${p95.toFixed(0)} ms, ` +
    `${((100 * refused.length) / samples.length).toFixed(0)} % refused, ${other} otherwise`
  );
}
