import { appendCacheStatus } from './cache-status.ts';
import { responseControl } from './fields/response-control.ts';
import { ageOnArrival, lifetimeOf } from './freshness.ts';
import type { Answer } from './http-cache.ts';
import type { MemoryStore } from './memory-store.ts';
import type { CachePolicy, CacheRequest } from './policy.ts';
import type { StoredResponse } from './stored-response.ts';
import { describes, mergedHeaders } from './validation.ts';

interface HeadOptions<X extends CacheRequest> {
  policy: CachePolicy<X>;
  store: MemoryStore;
  forward: (x: X) => Promise<Response>;
  clock: () => number;
}

/** Builds the answer to a HEAD that the store alone cannot give: what the origin says of itself also tells of its GET. */
export function createHeadRequests<X extends CacheRequest>({
  policy,
  store,
  forward,
  clock,
}: HeadOptions<X>) {
  /** RFC 9111 section 4.3.5: a stored GET is brought up to date, or found to be another. */
  function update(stored: StoredResponse, head: Response, requestedAt: number, respondedAt: number): void {
    const length = head.headers.get('content-length');
    const sameLength = length === null || Number(length) === stored.representations.identity.body.byteLength;
    if (head.status !== stored.status || !sameLength || !describes(head.headers, stored)) {
      store.remove(stored.key);
      return;
    }
    const headers = mergedHeaders(stored.headers, policy.endToEnd(head.headers));
    const lifetime = lifetimeOf({ headers, control: responseControl(headers), respondedAt });
    const age = ageOnArrival({ headers: head.headers, requestedAt, respondedAt });
    const { encoding, body, etag } = stored.representations.identity;
    const identity = { encoding, body, etag };
    const bornAt = respondedAt - 1_000 * age;
    store.put({ ...stored, headers, lifetime, bornAt, representations: { identity } }, respondedAt);
  }

  return async (x: X, stored: StoredResponse | undefined): Promise<Answer> => {
    const requestedAt = clock();
    const response = await forward(x);
    if (stored && response.status !== 304) update(stored, response, requestedAt, clock());
    response.headers.set('X-Cache-Status', 'MISS');
    appendCacheStatus(response.headers, { fwd: stored ? 'stale' : 'uri-miss', fwdStatus: response.status });
    return { response, outcome: 'MISS' };
  };
}
