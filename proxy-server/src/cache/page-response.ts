import { appendCacheStatus, type CacheOutcome } from './cache-status.ts';
import { acceptedEncodings } from './encodings.ts';
import { ageOf, type Page, type Representation } from './page.ts';

/** Headers that describe a body, which a 304 does not have (RFC 9110 section 15.4.5). */
const CONTENT_HEADERS = ['content-type', 'content-encoding', 'content-length', 'content-language'];

/** Answers a GET or HEAD from a stored page: the best encoding, or 304 where the client has it. */
export function pageResponse(page: Page, request: Request, outcome: CacheOutcome, now: number): Response {
  const representation = chooseRepresentation(page, request.headers.get('accept-encoding'));
  const headers = headOf(page, representation, outcome, now);
  if (isNotModified(page, representation, request.headers)) {
    const short = new Headers(headers);
    for (const name of CONTENT_HEADERS) short.delete(name);
    return new Response(null, { status: 304, headers: short });
  }
  return new Response(representation.body, { headers });
}

function chooseRepresentation({ representations }: Page, acceptEncoding: string | null): Representation {
  for (const encoding of acceptedEncodings(acceptEncoding)) {
    const representation = representations[encoding];
    if (representation) return representation;
  }
  return representations.identity;
}

/** Headers are what costs on a hit, so a second's worth of hits shares one set. */
function headOf(page: Page, representation: Representation, outcome: CacheOutcome, now: number): Headers {
  const age = ageOf(page, now);
  const second = Math.floor(age);
  const { written } = representation;
  if (written?.second === second && written.status === outcome) return written.headers;

  const headers = new Headers(page.headers);
  headers.set('ETag', representation.etag);
  if (representation.encoding !== 'identity') headers.set('Content-Encoding', representation.encoding);
  headers.set('Age', String(second));
  headers.set('X-Cache-Status', outcome);
  headers.set('X-Cache-Key', page.key);
  headers.set('X-Cache-Age', String(Math.max(0, Math.floor((now - page.storedAt) / 1_000))));
  const ttl = Math.floor(page.lifetime.fresh - age);
  headers.set('X-Cache-TTL', String(Math.max(0, ttl)));
  appendCacheStatus(headers, `${outcome === 'MISS' ? 'fwd=miss; stored' : 'hit'}; ttl=${ttl}`);
  representation.written = { second, status: outcome, headers };
  return headers;
}

/** Conditions on a read (RFC 9110 section 13.2.2): If-None-Match is stronger than the date. */
function isNotModified(page: Page, { etag }: Representation, request: Headers): boolean {
  const wanted = request.get('if-none-match');
  if (wanted !== null) return wanted.trim() === '*' || opaqueTags(wanted).includes(opaqueTag(etag));
  const since = request.get('if-modified-since');
  const modified = page.headers.get('last-modified');
  if (since === null || modified === null) return false;
  return Date.parse(modified) <= Date.parse(since);
}

const opaqueTags = (field: string): string[] => field.match(/"[^"]*"/g) ?? [];
/** The comparison is weak (RFC 9110 section 8.8.3.2). */
const opaqueTag = (etag: string): string => (etag.startsWith('W/') ? etag.slice(2) : etag);
