import { parseCacheControl } from './cache-control.ts';

/** Seconds that each stage of a stored answer's life lasts. */
export interface Lifetime {
  readonly fresh: number;
  /** After that: still served while one renewal runs (RFC 5861 section 3). */
  readonly staleWhileRevalidate: number;
  /** After that: served only where the origin fails (RFC 5861 section 4). */
  readonly staleIfError: number;
}

/** The longest that an answer is served stale here, whatever its origin allows. */
export const STALE_LIMITS = { staleWhileRevalidate: 600, staleIfError: 3_600 } as const;

/** The life an origin gives an answer in a shared cache, or undefined where it gives none. */
export function lifetimeOf(headers: Headers): Lifetime | undefined {
  const control = parseCacheControl(headers.get('cache-control'));
  const fresh = control.seconds('s-maxage') ?? control.seconds('max-age');
  if (!fresh) return undefined;
  if (control.has('must-revalidate') || control.has('proxy-revalidate')) {
    return { fresh, staleWhileRevalidate: 0, staleIfError: 0 };
  }
  return {
    fresh,
    staleWhileRevalidate: atMost(
      STALE_LIMITS.staleWhileRevalidate,
      control.seconds('stale-while-revalidate'),
    ),
    staleIfError: atMost(STALE_LIMITS.staleIfError, control.seconds('stale-if-error')),
  };
}

const atMost = (limit: number, stated: number | undefined) => Math.min(limit, stated ?? limit);

interface Arrival {
  headers: Headers;
  /** Milliseconds since the epoch. */
  requestedAt: number;
  respondedAt: number;
}

/** Seconds of age that an answer already has on arrival (RFC 9111 section 4.2.3). */
export function ageOnArrival({ headers, requestedAt, respondedAt }: Arrival): number {
  const stated = headers.get('age');
  const age = stated !== null && /^\d+$/.test(stated) ? Number(stated) : 0;
  const date = Date.parse(headers.get('date') ?? '');
  const apparent = Number.isNaN(date) ? 0 : Math.max(0, Math.floor((respondedAt - date) / 1_000));
  return Math.max(apparent, age + (respondedAt - requestedAt) / 1_000);
}
