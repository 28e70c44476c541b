import { setTimeout as delay } from 'node:timers/promises';

type Truthy<T> = Exclude<T, false | null | undefined | 0 | ''>;

/** Polls until `probe` gives something true, or fails when the deadline has passed. */
export async function until<T>(
  probe: () => Promise<T> | T,
  what: string,
  deadline = 15_000,
): Promise<Truthy<T>> {
  const end = Date.now() + deadline;
  let reason: unknown;
  while (Date.now() < end) {
    try {
      const value = await probe();
      if (value) return value as Truthy<T>;
    } catch (error) {
      reason = error;
    }
    await delay(20);
  }
  throw new Error(`${what} did not happen within ${deadline} ms`, { cause: reason });
}
