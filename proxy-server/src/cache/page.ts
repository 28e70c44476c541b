import type { Encoding } from './encodings.ts';
import type { Lifetime } from './freshness.ts';

export interface Representation {
  readonly body: Uint8Array;
  /** Strong validators differ between encodings (RFC 9110 section 8.8.3.3). */
  readonly etag: string;
  readonly encoding: Encoding;
  /** The head as it was last written; Age moves once a second, so it is rewritten once a second. */
  written?: { second: number; status: string; headers: Headers };
}

/** A page as it is kept: one answer, in every encoding that has been made of it so far. */
export interface Page {
  readonly key: string;
  /** End-to-end headers of the origin's answer, without those of one representation. */
  readonly headers: Headers;
  readonly lifetime: Lifetime;
  /** When its age was 0, in milliseconds of the cache's clock. */
  readonly bornAt: number;
  readonly storedAt: number;
  /** No renewal before this: the origin failed, or was itself stale, a moment ago. */
  renewAfter: number;
  readonly representations: Partial<Record<Encoding, Representation>> & { identity: Representation };
}

export type Stage = 'fresh' | 'stale' | 'error-only' | 'dead';

export const ageOf = (page: Page, now: number): number => Math.max(0, (now - page.bornAt) / 1_000);

/** Where in its life a page is. */
export function stageOf({ lifetime, bornAt }: Page, now: number): Stage {
  const staleFor = (now - bornAt) / 1_000 - lifetime.fresh;
  if (staleFor < 0) return 'fresh';
  if (staleFor < lifetime.staleWhileRevalidate) return 'stale';
  return staleFor < lifetime.staleIfError ? 'error-only' : 'dead';
}

/** What an object costs beside its bodies: headers, key, bookkeeping. */
const OVERHEAD = 2_048;

export const sizeOf = (page: Page): number =>
  OVERHEAD +
  page.key.length +
  Object.values(page.representations).reduce((sum, it) => sum + it.body.byteLength, 0);

/** The validator of an encoding, made from that of the page: `"abc"` becomes `"abc-gzip"`. */
export function etagFor(etag: string, encoding: Encoding): string {
  return encoding === 'identity' ? etag : `${etag.slice(0, -1)}-${encoding}"`;
}
