import { ASK_AGAIN_AFTER, type Bring, type Brought } from './bring.ts';
import type { Flights } from './flights.ts';
import { stageOf } from './freshness.ts';
import type { MemoryStore } from './memory-store.ts';
import type { CacheRequest, Lookup } from './policy.ts';
import type { StoredResponse } from './stored-response.ts';

interface RenewalOptions<X extends CacheRequest> {
  store: MemoryStore;
  flights: Flights<Brought>;
  bring: Bring<X>;
  clock: () => number;
  onFailure: (key: string, error: unknown) => void;
}

/** How long a failed renewal is not tried again, in milliseconds. */
export const RENEWAL_PAUSE = 1_000;
/** When an origin that was stale itself is asked again, in milliseconds: it is rendering right now. */
const ASK_AGAIN = [ASK_AGAIN_AFTER, 2_000, 4_000];

/** Builds what brings stored answers up to date while nobody waits for it. */
export function createRenewals<X extends CacheRequest>(options: RenewalOptions<X>) {
  const { store, flights, bring, clock, onFailure } = options;

  function renew(lookup: Lookup, x: X, stored: StoredResponse, attempt = 0): void {
    if (clock() < stored.renewAfter || flights.has(lookup.key)) return;
    const pause = () => {
      stored.renewAfter = clock() + RENEWAL_PAUSE;
    };
    flights
      .join(lookup.key, (isCurrent) => bring({ lookup, x, known: stored }, isCurrent))
      .outcome.then(
        (brought) => {
          if (brought.kind === 'whole') {
            if (!brought.kept) pause();
            else if (brought.renewSoon) askAgain(lookup, x, attempt);
            return;
          }
          pause();
          if (brought.kind === 'passed') void brought.response.body?.cancel();
          // Up to its limit it is collected whether or not somebody reads it.
          if (brought.kind === 'streaming') void brought.response.body?.cancel();
        },
        (error: unknown) => {
          pause();
          onFailure(lookup.key, error);
        },
      );
  }

  function askAgain(lookup: Lookup, x: X, attempt = 0): void {
    const delay = ASK_AGAIN[attempt];
    if (delay === undefined) return;
    setTimeout(() => {
      const stored = store.find(lookup.key, x.request.headers, clock());
      if (!stored || stageOf(stored, clock()) === 'fresh') return;
      stored.renewAfter = 0;
      renew(lookup, x, stored, attempt + 1);
    }, delay).unref();
  }

  return {
    /** Fetches a stale answer anew, unless that is under way or failed a moment ago. */
    renew: (lookup: Lookup, x: X, stored: StoredResponse) => renew(lookup, x, stored),
    /** Fetches again soon, because the origin itself was only about to renew. */
    askAgain: (lookup: Lookup, x: X) => askAgain(lookup, x),
  };
}
export type Renewals<X extends CacheRequest> = ReturnType<typeof createRenewals<X>>;
