import type { Bring } from './bring.ts';
import type { Flights } from './flights.ts';
import { ageOf } from './freshness.ts';
import type { MemoryStore } from './memory-store.ts';
import type { CachePolicy, CacheRequest, Lookup } from './policy.ts';
import type { Renewals } from './renewals.ts';
import type { StoredResponse } from './stored-response.ts';

/** Answers that are fetched anew for one change; what is beyond that is forgotten, and fetched when it is asked for. */
const AT_MOST = 200;
/** How many at a time, which is what one render process of an origin has use for. */
const AT_ONCE = 4;

interface RefetchOptions<X extends CacheRequest> {
  policy: CachePolicy<X>;
  store: MemoryStore;
  flights: Flights<Awaited<ReturnType<Bring<X>>>>;
  bring: Bring<X>;
  renewals: Renewals<X>;
  clock: () => number;
  onFailure: (key: string, error: unknown) => void;
}

/** Builds what brings everything with a tag up to date before anybody asks for it. */
export function createRefetch<X extends CacheRequest>(options: RefetchOptions<X>) {
  const { policy, store, flights, bring, renewals, clock, onFailure } = options;

  /** Fresh no more: whoever comes meanwhile is served, and told that it is stale. */
  function age(stored: StoredResponse): StoredResponse {
    const fresh = Math.min(stored.lifetime.fresh, ageOf(stored, clock()));
    const aged = { ...stored, lifetime: { ...stored.lifetime, fresh }, renewAfter: 0 };
    store.put(aged, clock());
    return aged;
  }

  /** @returns whether the origin had something to say */
  async function fetchAnew(lookup: Lookup, x: X, known: StoredResponse): Promise<boolean> {
    try {
      const { outcome } = flights.join(lookup.key, (isCurrent) => bring({ lookup, x, known }, isCurrent));
      const brought = await outcome;
      if (brought.kind === 'personal') return true;
      if (brought.kind === 'whole') {
        if (brought.renewSoon) renewals.askAgain(lookup, x);
        return brought.fwdStatus < 500;
      }
      void brought.response.body?.cancel();
      return brought.response.status < 500;
    } catch (error) {
      onFailure(known.key, error);
      return false;
    }
  }

  /**
   * Fetches anew everything with one of the tags. Until that is there, or where it cannot be had, what is stored is given
   * as a stale answer is. `requestFor` makes the request for a key. @returns how many could not be fetched
   */
  return async function refetch(
    tags: readonly string[],
    requestFor: (key: string) => X | undefined,
  ): Promise<number> {
    const work: (() => Promise<boolean>)[] = [];
    for (const stored of store.tagged(tags)) {
      const x = stored.status === 200 && work.length < AT_MOST ? requestFor(stored.key) : undefined;
      const lookup = x && policy.plan(x);
      if (x && lookup?.kind === 'lookup' && lookup.key === stored.key) {
        const aged = age(stored);
        work.push(() => fetchAnew(lookup, x, aged));
      } else {
        store.remove(stored.key);
      }
    }
    let failed = 0;
    const next = work[Symbol.iterator]();
    const line = async () => {
      for (const fetch of next) if (!(await fetch())) failed += 1;
    };
    await Promise.all(Array.from({ length: AT_ONCE }, line));
    return failed;
  };
}
