import { isSafeRead } from '../proxy/exchange.ts';

/** Makes Next.js answer with something that is not HTML; its other fields do nothing without this one. */
const RSC = 'rsc';
/** What a stored whole answer cannot satisfy as it stands. */
const PARTIAL = ['range', 'if-match', 'if-unmodified-since'];
const DRAFT_COOKIE = /(?:^|;\s*)(?:__prerender_bypass|__next_preview_data)=/;
const RSC_QUERY = /(?:^|&)_rsc(?:=|&|$)/;

/** Why a request on a cached route goes past the cache, or undefined where it does not. */
export function bypassReason({ headers, method }: Request, path: string, query: string): string | undefined {
  if (!isSafeRead(method)) return 'method';
  if (path.endsWith('.rsc') || (query !== '' && RSC_QUERY.test(query))) return 'rsc';
  return fieldReason(headers);
}

/** The part of it that the fields decide. */
export function fieldReason(headers: Headers): string | undefined {
  if (headers.get(RSC) !== null) return 'rsc';
  if (headers.get('authorization') !== null) return 'authorization';
  const cookie = headers.get('cookie');
  if (cookie !== null && DRAFT_COOKIE.test(cookie)) return 'draft-mode';
  for (const name of PARTIAL) if (headers.get(name) !== null) return 'partial';
  return undefined;
}
