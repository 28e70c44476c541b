/** What X-Cache-Status says. */
export type CacheOutcome = 'HIT' | 'MISS' | 'STALE' | 'BYPASS';

const CACHE_NAME = 'doa-proxy';

/** Why a request went forward (RFC 9211 section 2.2). */
export type ForwardReason = 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'request' | 'stale' | 'partial';

/** What this cache did with a request. */
export interface Handling {
  hit?: boolean;
  fwd?: ForwardReason;
  fwdStatus?: number;
  stored?: boolean;
  /** Answered by a fetch that was made for another request. */
  collapsed?: boolean;
  /** Seconds of freshness that are left; negative where it is stale. */
  ttl?: number;
  /** Printable ASCII. */
  detail?: string;
}

/** This cache's member of Cache-Status (RFC 9211). */
export function cacheStatus(handling: Handling): string {
  const { hit, fwd, fwdStatus, stored, collapsed, ttl, detail } = handling;
  let member = CACHE_NAME;
  if (hit) member += '; hit';
  if (fwd) member += `; fwd=${fwd}`;
  if (fwdStatus !== undefined) member += `; fwd-status=${fwdStatus}`;
  if (ttl !== undefined) member += `; ttl=${Math.floor(ttl)}`;
  if (stored) member += '; stored';
  if (collapsed) member += '; collapsed';
  if (detail !== undefined) member += `; detail="${detail.replace(/["\\]/g, '')}"`;
  return member;
}

/** A cache adds its own member after those nearer to the origin. */
export function appendCacheStatus(headers: Headers, handling: Handling): void {
  const member = cacheStatus(handling);
  const earlier = headers.get('cache-status');
  headers.set('Cache-Status', earlier ? `${earlier}, ${member}` : member);
}
