import { setTimeout as delay } from 'node:timers/promises';

/** Polls until `probe` gives something true, or fails when the deadline has passed. */
export async function until(
  probe: () => Promise<unknown> | unknown,
  what: string,
  deadline = 8_000,
): Promise<void> {
  const end = Date.now() + deadline;
  let reason: unknown;
  while (Date.now() < end) {
    try {
      if (await probe()) return;
    } catch (error) {
      reason = error;
    }
    await delay(20);
  }
  throw new Error(`${what} did not happen within ${deadline} ms`, { cause: reason });
}
