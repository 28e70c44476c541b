import { currentContext } from '@doa-market/common/context';
import { unavailable } from '@doa-market/common/errors';

interface LimiterOptions {
  /** How many work at the same time. */
  concurrency: number;
  /** How many may wait. */
  queue: number;
  /** Milliseconds that one may wait. */
  patience: number;
}

/** Lets few work at a time and a bounded number wait for a bounded time; the others are told to come back. */
export function createLimiter({ concurrency, queue, patience }: LimiterOptions) {
  const waiting = new Set<() => void>();
  let working = 0;

  function turn(): Promise<void> {
    if (working < concurrency) {
      working += 1;
      return Promise.resolve();
    }
    if (waiting.size >= queue) return Promise.reject(unavailable(new Error('too many wait for a hash')));
    const gone = currentContext()?.signal;
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiting.delete(start);
        clearTimeout(timer);
        reject(unavailable(new Error('nobody waits that long for a hash')));
      };
      const start = () => {
        waiting.delete(start);
        clearTimeout(timer);
        gone?.removeEventListener('abort', leave);
        resolve();
      };
      const timer = setTimeout(leave, patience);
      gone?.addEventListener('abort', leave, { once: true });
      waiting.add(start);
    });
  }

  /** @throws {ProblemError} 503 */
  return async function limit<T>(work: () => Promise<T>): Promise<T> {
    await turn();
    try {
      return await work();
    } finally {
      // The place goes straight to the next one, so that nobody slips in between.
      const [next] = waiting;
      if (next) next();
      else working -= 1;
    }
  };
}
export type Limiter = ReturnType<typeof createLimiter>;
