import type { CacheControl } from './fields/cache-control.ts';
import { parseHttpDate } from './fields/http-date.ts';
import type { ResponseControl } from './fields/response-control.ts';

/** How long a stored answer is good for, in seconds; each stale stage is counted from the end of the fresh one. */
export interface Lifetime {
  readonly fresh: number;
  /** Still served while one renewal runs (RFC 5861 section 3). */
  readonly staleWhileRevalidate: number;
  /** Served only where the origin answers with an error (RFC 5861 section 4). */
  readonly staleIfError: number;
  /** Whether it may be served stale where the origin cannot be reached at all (RFC 9111 section 4.2.4). */
  readonly staleIfUnreachable: boolean;
  /** Whether a client may ask for it stale (max-stale). */
  readonly staleOnDemand: boolean;
}

const NEVER_STALE = {
  staleWhileRevalidate: 0,
  staleIfError: 0,
  staleIfUnreachable: false,
  staleOnDemand: false,
} as const;

interface Arrival {
  headers: Headers;
  control: ResponseControl;
  /** Milliseconds since the epoch. */
  respondedAt: number;
}

/**
 * The life that an origin gives an answer in a shared cache (RFC 9111 section 4.2). There are no heuristics: what
 * says nothing of its freshness is stale at once.
 */
export function lifetimeOf({ headers, control, respondedAt }: Arrival): Lifetime {
  if (control.has('no-cache')) return { fresh: 0, ...NEVER_STALE };
  const fresh = explicitFreshness({ headers, control, respondedAt }) ?? 0;
  if (control.has('must-revalidate') || control.has('proxy-revalidate')) return { fresh, ...NEVER_STALE };
  // s-maxage means proxy-revalidate (section 5.2.2.10) unless the origin itself allows more.
  const staleAllowed = !control.has('s-maxage');
  const staleIfError = control.seconds('stale-if-error') ?? 0;
  return {
    fresh,
    staleWhileRevalidate: control.seconds('stale-while-revalidate') ?? 0,
    staleIfError,
    staleIfUnreachable: staleAllowed,
    staleOnDemand: staleAllowed,
  };
}

/** Seconds of freshness that an origin states, or undefined where it states none (section 4.2.1). */
export function explicitFreshness({ headers, control, respondedAt }: Arrival): number | undefined {
  const seconds = control.seconds('s-maxage') ?? control.seconds('max-age');
  if (seconds !== undefined || control.targeted) return seconds;
  const expires = headers.get('expires');
  if (expires === null) return undefined;
  const at = parseHttpDate(expires, respondedAt);
  // A date that is none, "0" above all, is in the past (section 5.3).
  if (at === undefined) return 0;
  const date = parseHttpDate(headers.get('date'), respondedAt) ?? respondedAt;
  return Math.max(0, (at - date) / 1_000);
}

interface Times {
  headers: Headers;
  /** Milliseconds since the epoch. */
  requestedAt: number;
  respondedAt: number;
}

/** Seconds of age that an answer already has on arrival (RFC 9111 section 4.2.3). */
export function ageOnArrival({ headers, requestedAt, respondedAt }: Times): number {
  // The first of several counts, and what is no number is ignored (section 5.1).
  const stated = Number(/^(\d+)\s*(?:,|$)/.exec(headers.get('age') ?? '')?.[1] ?? 0);
  const date = parseHttpDate(headers.get('date'), respondedAt);
  const apparent = date === undefined ? 0 : Math.max(0, Math.floor((respondedAt - date) / 1_000));
  return Math.min(Math.max(apparent, stated + (respondedAt - requestedAt) / 1_000), MAX_AGE);
}

/** A century: larger than any life, and still a number that clients can read. */
const MAX_AGE = 2 ** 31;

interface Lived {
  readonly lifetime: Lifetime;
  /** When its age was 0, in milliseconds of the cache's clock. */
  readonly bornAt: number;
}

export const ageOf = ({ bornAt }: Lived, now: number): number => Math.max(0, (now - bornAt) / 1_000);

/** Seconds since it ceased to be fresh; negative as long as it is. */
export const staleness = (stored: Lived, now: number): number => ageOf(stored, now) - stored.lifetime.fresh;

/** Which life a stored answer is in, as far as the origin's word goes. */
export type Stage = 'fresh' | 'stale-while-revalidate' | 'stale';

export function stageOf(stored: Lived, now: number): Stage {
  const stale = staleness(stored, now);
  if (stale < 0) return 'fresh';
  return stale < stored.lifetime.staleWhileRevalidate ? 'stale-while-revalidate' : 'stale';
}

/** What a client's Cache-Control makes of that (RFC 9111 section 5.2.1); what it tolerates counts as fresh. */
export function stageFor(stored: Lived, asked: CacheControl, now: number): Stage {
  if (asked.has('no-cache')) return 'stale';
  const { lifetime } = stored;
  const maxAge = asked.seconds('max-age');
  const minFresh = asked.seconds('min-fresh');
  const over = ageOf(stored, now) - Math.min(lifetime.fresh, maxAge ?? MAX_AGE) + (minFresh ?? 0);
  if (over < 0) return 'fresh';
  if (lifetime.staleOnDemand && over <= toleratedStaleness(asked)) return 'fresh';
  return maxAge === undefined && minFresh === undefined ? stageOf(stored, now) : 'stale';
}

/** max-stale without a number takes anything. */
function toleratedStaleness(asked: CacheControl): number {
  if (!asked.has('max-stale')) return -1;
  return asked.argument('max-stale') === '' ? MAX_AGE : (asked.seconds('max-stale') ?? -1);
}

/** What went wrong at the origin: it answered with a 5xx, or not at all. */
export type Trouble = 'error' | 'unreachable';

/** Whether a stored answer may stand in for one that the origin fails to give; a client may ask for that as well. */
export function coversFor(stored: Lived, trouble: Trouble, asked: CacheControl, now: number): boolean {
  const { staleIfError, staleIfUnreachable, staleWhileRevalidate, staleOnDemand } = stored.lifetime;
  if (trouble === 'unreachable' && staleIfUnreachable) return true;
  const tolerated = staleOnDemand ? (asked.seconds('stale-if-error') ?? 0) : 0;
  return staleness(stored, now) < Math.max(staleIfError, staleWhileRevalidate, tolerated);
}
