import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { invalidRequest, keyMismatch, outstandingRequest, PortOneError } from '../errors.ts';
import type { Store } from '../store.ts';

/** How long an answer is kept, in milliseconds. */
const KEPT_FOR = 3 * 60 * 60_000;
const KEY = /^[A-Za-z0-9_-]{16,256}$/;

export interface Answered {
  status: number;
  body: unknown;
}

/** Answers to `Idempotency-Key`: what was done by a key is not done again by it. */
export function createIdempotency(store: Store, clock: Clock) {
  const underWay = new Set<string>();

  function known(key: string, fingerprint: string): Answered | undefined {
    const answer = store.answer(key);
    if (!answer || answer.at + KEPT_FOR <= clock.now()) return undefined;
    if (answer.fingerprint !== fingerprint) throw keyMismatch();
    return answer;
  }

  return {
    /**
     * Runs `around` with `work` as what takes effect; the effect and its answer are in the journal together.
     * `around` may wait before and after it: until it is through, the key is busy.
     * @throws {PortOneError} 409 while the same request is under way, 422 for another one by the same key
     */
    async run(
      header: string | undefined,
      request: readonly string[],
      work: () => Answered,
      around: (effect: () => Answered) => Promise<Answered>,
    ): Promise<Answered> {
      if (header === undefined) return around(() => settled(work));
      // The standard's draft has it in quotes.
      const key = header.replace(/^"(.*)"$/, '$1');
      if (!KEY.test(key)) throw invalidRequest('멱등 키의 형식이 올바르지 않습니다.');
      const fingerprint = createHash('sha256').update(JSON.stringify(request)).digest('hex');
      if (underWay.has(key)) throw outstandingRequest();
      const before = known(key, fingerprint);
      if (before) return before;
      underWay.add(key);
      try {
        return await around(() =>
          store.together(() => {
            const answer = settled(work);
            store.saveAnswer({ key, fingerprint, ...answer, at: clock.now() });
            return answer;
          }),
        );
      } finally {
        underWay.delete(key);
      }
    },
  };
}
export type Idempotency = ReturnType<typeof createIdempotency>;

/** A refusal is an answer too. */
function settled(work: () => Answered): Answered {
  try {
    return work();
  } catch (error) {
    if (error instanceof PortOneError && error.status < 500) {
      return { status: error.status, body: error.toBody() };
    }
    throw error;
  }
}
