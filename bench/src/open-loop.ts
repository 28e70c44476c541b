import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

const TIMER_MS = 1;

interface Schedule {
  /** Requests a second. */
  rate: number;
  seconds: number;
}

export interface Sample {
  /** When it should have gone out; milliseconds of performance.now(). */
  at: number;
  /** Milliseconds since then, so a request that had to wait for its turn is a slow one. */
  latency: number;
}

/**
 * Sends on schedule, whether or not the earlier ones are answered, as a crowd does; a closed loop would send less just
 * when the server is slow. Resolves once all are done. @throws the first error of `send`
 */
export async function openLoop(
  { rate, seconds }: Schedule,
  send: (index: number) => Promise<unknown>,
): Promise<Sample[]> {
  const begin = performance.now();
  const under: Promise<Sample>[] = [];
  const total = rate * seconds;
  while (under.length < total) {
    const due = Math.min(total, Math.floor(((performance.now() - begin) / 1_000) * rate));
    while (under.length < due) {
      const at = begin + (under.length / rate) * 1_000;
      under.push(send(under.length).then(() => ({ at, latency: performance.now() - at })));
    }
    const pause = begin + (under.length / rate) * 1_000 - performance.now();
    // Timers are late by up to a millisecond: the last of a pause is spent looking.
    if (pause > TIMER_MS) await delay(pause - TIMER_MS);
    else await new Promise((resolve) => setImmediate(resolve));
  }
  return Promise.all(under);
}
