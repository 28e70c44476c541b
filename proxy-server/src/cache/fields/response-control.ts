import { parseDictionary } from 'structured-headers';
import { type CacheControl, cacheControlOf, parseCacheControl } from './cache-control.ts';

/** The fields meant for caches like this one, most specific first (RFC 9213 section 2.1). */
const TARGETED = ['cdn-cache-control'];

export interface ResponseControl extends CacheControl {
  /** Whether it came from a targeted field, which makes Expires void as well. */
  readonly targeted: boolean;
}

/** What an answer says to this cache: a targeted field that makes sense takes the place of Cache-Control. */
export function responseControl(headers: Headers): ResponseControl {
  for (const name of TARGETED) {
    const control = parseTargeted(headers.get(name));
    if (control) return { ...control, targeted: true };
  }
  return { ...parseCacheControl(headers.get('cache-control')), targeted: false };
}

/** RFC 9213 section 2.1: a Dictionary; empty or broken, it is as if it were not there. Parameters mean nothing. */
function parseTargeted(field: string | null): CacheControl | undefined {
  if (field === null || field.trim() === '') return undefined;
  try {
    const directives = new Map<string, string>();
    for (const [name, [value]] of parseDictionary(field)) {
      if (value === false) continue;
      directives.set(name, value === true ? '' : typeof value === 'number' ? String(value) : '?');
    }
    return directives.size > 0 ? cacheControlOf(directives) : undefined;
  } catch {
    return undefined;
  }
}
