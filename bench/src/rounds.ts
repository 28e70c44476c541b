import { median } from './statistics.ts';
import { type Load, type Measurement, wrk } from './wrk.ts';

export const ROUNDS = 3;

export interface Contender extends Omit<Load, 'connections' | 'seconds'> {
  name: string;
}

interface Rounds {
  connections: number;
  /** Of each contender in each round. */
  seconds: number;
}

/**
 * Loads contenders in alternating rounds, so that whatever else the machine does falls on all of them.
 * @returns each one's medians, in the order of the contenders
 */
export async function alternate<T extends readonly Contender[]>(
  contenders: T,
  { connections, seconds }: Rounds,
): Promise<{ [K in keyof T]: Measurement }> {
  const measured = contenders.map(() => [] as Measurement[]);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      measured[index]?.push(await wrk({ connections, seconds, ...contender }));
    }
  }
  const of = (list: Measurement[], figure: keyof Measurement) => median(list.map((it) => it[figure]));
  const medians: Measurement[] = measured.map((list) => ({
    requestsPerSecond: of(list, 'requestsPerSecond'),
    p50: of(list, 'p50'),
    p99: of(list, 'p99'),
  }));
  return medians as { [K in keyof T]: Measurement };
}
