import { unavailable } from '@doa-market/common/errors';

/** Seconds after which who was turned away may try again. */
const RETRY_AFTER = 2;

/** Room for so much at once: what comes on top is turned away at once rather than kept waiting in memory. */
export function createSlots(count: number) {
  let taken = 0;

  /** @returns what gives the slot back, once. @throws {ProblemError} 503 with Retry-After */
  function take(): () => void {
    if (taken >= count) throw unavailable(undefined, RETRY_AFTER);
    taken += 1;
    let held = true;
    return () => {
      if (held) taken -= 1;
      held = false;
    };
  }

  return {
    take,
    /** @throws {ProblemError} 503 with Retry-After */
    async run<T>(work: () => Promise<T>): Promise<T> {
      const giveBack = take();
      try {
        return await work();
      } finally {
        giveBack();
      }
    },
  };
}
