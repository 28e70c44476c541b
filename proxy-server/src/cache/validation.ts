import { entityTags, stronglyEqual, weaklyEqual } from './fields/entity-tag.ts';
import { parseHttpDate } from './fields/http-date.ts';
import { type Representation, type StoredResponse, validatorsOf } from './stored-response.ts';

/** The conditions by which an origin can confirm a stored answer instead of sending it again (RFC 9111 section 4.3.1). */
export function conditionsFor(stored: StoredResponse): Record<string, string> {
  const { etag, lastModified } = validatorsOf(stored);
  return {
    ...(etag !== null && { 'If-None-Match': etag }),
    ...(lastModified !== null && { 'If-Modified-Since': lastModified }),
  };
}

/** Whether a 304 is about the very answer that is stored (RFC 9111 section 4.3.4). */
export function confirms(head: Headers, stored: StoredResponse): boolean {
  const { etag, lastModified } = validatorsOf(stored);
  const saysTag = head.get('etag');
  if (saysTag !== null) {
    if (etag === null) return false;
    return saysTag.startsWith('W/') ? weaklyEqual(saysTag, etag) : stronglyEqual(saysTag, etag);
  }
  const saysDate = head.get('last-modified');
  return saysDate === null || lastModified === null || saysDate === lastModified;
}

/** Whether the answer to a HEAD is: all that it says of its state has to be the same (RFC 9111 section 4.3.5). */
export function describes(head: Headers, stored: StoredResponse): boolean {
  const { etag, lastModified } = validatorsOf(stored);
  const says = (name: string, known: string | null) => (head.get(name) ?? known) === known;
  return says('etag', etag) && says('last-modified', lastModified);
}

/** What describes the stored bytes, whatever a 304 says of them (RFC 9111 section 3.2). */
const OF_THE_BYTES = new Set([
  'content-encoding',
  'content-length',
  'content-md5',
  'content-range',
  'etag',
  'transfer-encoding',
]);

/** The stored fields after a confirmation: what it names is replaced, what it does not name stays. */
export function mergedHeaders(stored: Headers, confirmation: Headers): Headers {
  const merged = new Headers(stored);
  // Its age is that of the confirmation now.
  merged.delete('age');
  const renewed = new Set([...confirmation.keys()].filter((name) => !OF_THE_BYTES.has(name)));
  for (const name of renewed) merged.delete(name);
  for (const [name, value] of confirmation) if (renewed.has(name)) merged.append(name, value);
  return merged;
}

/** Conditions on a read that the cache can judge itself (RFC 9110 section 13.2.2): If-None-Match beats the date. */
export function isNotModified(stored: StoredResponse, { etag }: Representation, request: Headers): boolean {
  const wanted = request.get('if-none-match');
  if (wanted !== null) {
    return entityTags(wanted).some((tag) => tag === '*' || (etag !== null && weaklyEqual(tag, etag)));
  }
  const since = parseHttpDate(request.get('if-modified-since'));
  if (since === undefined) return false;
  // Without a date of change, that of the answer will do, or of its arrival (RFC 9111 section 4.3.2).
  const modified = stored.headers.get('last-modified') ?? stored.headers.get('date');
  return (
    (modified === null ? stored.storedAt : (parseHttpDate(modified) ?? Number.POSITIVE_INFINITY)) <= since
  );
}
