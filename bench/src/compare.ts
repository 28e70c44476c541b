import { type Load, wrk } from './wrk.ts';

const ROUNDS = 3;

export interface Contender extends Omit<Load, 'connections' | 'seconds'> {
  name: string;
}

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/**
 * Loads two contenders in alternating rounds, so that whatever else the machine does falls on both, and prints the
 * medians and the ratio of the first to the second beside the bar that it should reach.
 */
export async function compare(
  title: string,
  bar: number,
  contenders: [Contender, Contender],
): Promise<number> {
  const rates = contenders.map(() => [] as number[]);
  const p99s = contenders.map(() => [] as number[]);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      const { requestsPerSecond, p99 } = await wrk({ connections: 64, seconds: 5, ...contender });
      rates[index]?.push(requestsPerSecond);
      p99s[index]?.push(p99);
    }
  }
  console.log(`\n${title}`);
  for (const [index, { name }] of contenders.entries()) {
    const rate = median(rates[index] ?? []).toFixed(0);
    console.log(
      `  ${name.padEnd(20)} ${rate.padStart(8)} req/s   p99 ${median(p99s[index] ?? []).toFixed(1)} ms`,
    );
  }
  const ratio = median(rates[0] ?? []) / median(rates[1] ?? []);
  console.log(`  ratio ${ratio.toFixed(2)} (bar ${bar})`);
  return ratio;
}
