import { setTimeout as delay } from 'node:timers/promises';

/** Polls until `holds` does, or fails when the deadline has passed. Answers how long it took. */
export async function until(holds: () => Promise<boolean>, deadline = 8_000): Promise<number> {
  const start = performance.now();
  for (;;) {
    if (await holds()) return performance.now() - start;
    if (performance.now() - start > deadline) throw new Error(`it did not happen within ${deadline} ms`);
    await delay(20);
  }
}
