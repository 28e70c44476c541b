/** What X-Cache-Status says. */
export type CacheOutcome = 'HIT' | 'MISS' | 'STALE' | 'BYPASS';

const CACHE_NAME = 'doa-proxy';

/** One member of Cache-Status (RFC 9211); a cache adds its own after those nearer to the origin. */
export function appendCacheStatus(headers: Headers, parameters: string): void {
  headers.append('Cache-Status', `${CACHE_NAME}; ${parameters}`);
}
