import { varyNames } from '../cache/fields/vary.ts';
import type { CachePolicy, CacheRequest } from '../cache/policy.ts';
import { endToEndHeaders } from '../proxy/headers.ts';
import { pathTag } from './key.ts';

interface StandardOptions<X extends CacheRequest> {
  /** Asks the origin as the client asked, with other conditions if there are any; not aborted when the client leaves. */
  ask: (
    x: X,
    conditions: Record<string, string> | undefined,
  ) => Promise<{ response: Response; sent: Headers }>;
}

/** Answers to these may differ although nothing says so, or must not be shared with those who ask otherwise. */
const OWN = ['authorization', 'if-none-match', 'if-modified-since', 'cache-control', 'pragma'];

/** What a client says in these is not what the origin was told, so no variant can be found by them. */
const SET_BY_THIS_HOP = /^(?:via|forwarded|x-forwarded-.*|x-real-ip|x-request-id|traceparent|max-forwards)$/;

/** Whatever a shared cache may keep by RFC 9111, of any origin: no lifetime but what is stated, nothing rewritten. */
export function createStandardPolicy<X extends CacheRequest>({ ask }: StandardOptions<X>): CachePolicy<X> {
  const keyOf = (host: string, url: string) => `${host}${url}`;
  return {
    obeysClient: true,
    wholeOnHead: false,
    keyOf,
    plan({ request, host, target }) {
      const { method, headers } = request;
      if (method !== 'GET' && method !== 'HEAD') return { kind: 'bypass', fwd: 'method' };
      if (headers.has('if-match') || headers.has('if-unmodified-since')) {
        return { kind: 'bypass', fwd: 'request', detail: 'precondition' };
      }
      const key = keyOf(host, target.url);
      const shareable = method === 'GET' && !OWN.some((name) => headers.has(name));
      return { kind: 'lookup', key, tags: [key, pathTag(target.url.split('?', 1)[0] ?? '')], shareable };
    },
    ask: (x, _lookup, conditions) => ask(x, conditions),
    endToEnd: endToEndHeaders,
    chosenBy: varyNames,
    judge({ lookup, headers, lifetime, forbidden }) {
      if (forbidden !== undefined) return { kind: 'pass', reason: forbidden };
      if (varyNames(headers).some((name) => SET_BY_THIS_HOP.test(name)))
        return { kind: 'pass', reason: 'vary' };
      return { kind: 'keep', lifetime, tags: lookup.tags };
    },
  };
}
