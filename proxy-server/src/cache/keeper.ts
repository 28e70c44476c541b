import type { MemoryStore } from './memory-store.ts';
import type { CachePolicy, CacheRequest } from './policy.ts';
import type { PurgeLog } from './purge-log.ts';
import type { StoredResponse } from './stored-response.ts';

interface KeeperOptions<X extends CacheRequest> {
  policy: CachePolicy<X>;
  store: MemoryStore;
  purges: PurgeLog;
  clock: () => number;
  onFailure: (key: string, error: unknown) => void;
}

export interface Kept {
  readonly kept: boolean;
  /** Settles when there is nothing more to add to what was kept. Never rejects. */
  readonly finished: Promise<void>;
}

const NOT_KEPT: Kept = { kept: false, finished: Promise.resolve() };
const AS_IT_IS: Kept = { kept: true, finished: Promise.resolve() };

/** Builds the one way into the store. */
export function createKeeper<X extends CacheRequest>(options: KeeperOptions<X>) {
  const { policy, store, purges, clock, onFailure } = options;

  /** What is here already, and was about to be renewed by the origin: it gets no second life. */
  function sameAsBefore(stored: StoredResponse): StoredResponse | undefined {
    if (stored.renewAfter <= stored.storedAt) return undefined;
    const known = store.peek(stored.key, stored.variant);
    const etag = stored.representations.identity.etag;
    return known && etag !== null && known.representations.identity.etag === etag ? known : undefined;
  }

  async function finish(stored: StoredResponse): Promise<void> {
    const more = await policy.finish?.(stored);
    if (!more || !store.holds(stored)) return;
    stored.representations = more;
    store.put(stored, clock());
  }

  return {
    /** To be taken before a fetch begins. */
    mark: purges.mark,
    /** Keeps `stored`, unless something it shows was purged since `mark`. */
    keep(stored: StoredResponse, mark: number): Kept {
      if (purges.hasSince(mark, stored.tags)) return NOT_KEPT;
      const known = sameAsBefore(stored);
      if (known) {
        known.renewAfter = stored.renewAfter;
        return AS_IT_IS;
      }
      if (policy.admit?.(stored) === false || !store.put(stored, clock())) return NOT_KEPT;
      const finished = finish(stored).catch((error: unknown) => onFailure(stored.key, error));
      return { kept: true, finished };
    },
  };
}
export type Keeper = ReturnType<typeof createKeeper>;
