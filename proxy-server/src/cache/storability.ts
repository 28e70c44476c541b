import { parseCacheControl } from './cache-control.ts';
import { type Lifetime, lifetimeOf } from './freshness.ts';

/**
 * `impersonal`: not worth keeping, but the same for everyone, so the one who asked may have it.
 * `personal`: may depend on what was held back (cookies, languages), so the client has to ask itself.
 */
export type Storability =
  | { kind: 'storable'; lifetime: Lifetime }
  | { kind: 'impersonal'; reason: string }
  | { kind: 'personal'; reason: string };

/** Dimensions that cannot differ between the requests that reach this question. */
const HARMLESS_VARY = new Set([
  'accept-encoding',
  'rsc',
  'next-router-state-tree',
  'next-router-prefetch',
  'next-router-segment-prefetch',
]);

const personal = (reason: string): Storability => ({ kind: 'personal', reason });
const impersonal = (reason: string): Storability => ({ kind: 'impersonal', reason });

/** Whether an answer to a request without cookies or credentials may be kept for everyone. */
export function storability(response: Response): Storability {
  const { headers, status } = response;
  const control = parseCacheControl(headers.get('cache-control'));
  if (headers.has('set-cookie')) return personal('set-cookie');
  if (!varyIsHarmless(headers.get('vary'))) return personal('vary');
  if (status !== 200) return impersonal(`status ${status}`);
  if (control.has('private') || control.has('no-store') || control.has('no-cache'))
    return personal('private');
  if (!/^text\/html\s*(?:;|$)/i.test(headers.get('content-type') ?? '')) return impersonal('not HTML');
  if (headers.has('content-encoding')) return personal('encoded');
  // A static shell whose dynamic part is still to come.
  if (headers.has('x-nextjs-postponed')) return personal('postponed');
  const lifetime = lifetimeOf(headers);
  if (!lifetime) return impersonal('no explicit lifetime');
  if (!isDelimited(headers)) return impersonal('length unknown');
  return { kind: 'storable', lifetime };
}

const varyIsHarmless = (vary: string | null): boolean =>
  (vary ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .every((name) => name === '' || HARMLESS_VARY.has(name));

/** Without either, a broken connection looks like the end (RFC 9112 section 8). */
const isDelimited = (headers: Headers): boolean =>
  headers.has('content-length') || headers.get('transfer-encoding')?.toLowerCase() === 'chunked';
