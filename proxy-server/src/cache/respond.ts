import { appendCacheStatus, type CacheOutcome, type Handling } from './cache-status.ts';
import { acceptedEncodings } from './fields/accept-encoding.ts';
import { formatHttpDate } from './fields/http-date.ts';
import { ageOf } from './freshness.ts';
import { rangeApplies, requestedRange } from './ranges.ts';
import type { Representation, StoredResponse } from './stored-response.ts';
import { isNotModified } from './validation.ts';

/** Fields that describe a body, which a 304 does not have (RFC 9110 section 15.4.5). */
const CONTENT_FIELDS = [
  'content-type',
  'content-encoding',
  'content-length',
  'content-language',
  'content-range',
];
const WITHOUT_BODY = new Set([204, 205, 304]);

export interface Remark extends Handling {
  readonly outcome: CacheOutcome;
}

/** Answers a GET or HEAD from what is stored: the best encoding, a part of it, or 304 where the client has it. */
export function respond(stored: StoredResponse, request: Request, remark: Remark, now: number): Response {
  const representation = chooseRepresentation(stored, request.headers.get('accept-encoding'));
  const headers = headOf(stored, representation, remark, now);
  if (stored.status !== 200) {
    const body = WITHOUT_BODY.has(stored.status) ? null : representation.body;
    return new Response(body, { status: stored.status, headers });
  }
  if (isNotModified(stored, representation, request.headers)) {
    return new Response(null, { status: 304, headers: without(headers, CONTENT_FIELDS) });
  }
  const range = request.method === 'GET' ? request.headers.get('range') : null;
  if (range !== null && rangeApplies(stored, representation, request.headers)) {
    return partOf(representation, range, headers);
  }
  return new Response(representation.body, { headers });
}

/** The encoding that the client likes best of those there are. */
export function chooseRepresentation(
  { representations }: StoredResponse,
  accepted: string | null,
): Representation {
  for (const encoding of acceptedEncodings(accepted)) {
    const representation = representations[encoding];
    if (representation) return representation;
  }
  return representations.identity;
}

/** Headers are what costs on a hit, so a second's worth of the same answer shares one set. */
function headOf(
  stored: StoredResponse,
  representation: Representation,
  remark: Remark,
  now: number,
): Headers {
  const age = ageOf(stored, now);
  const second = Math.floor(age);
  const mark = remark.outcome + (remark.fwd ?? '') + (remark.collapsed ? '+' : '') + (remark.fwdStatus ?? '');
  const { written } = representation;
  if (written?.second === second && written.mark === mark) return written.headers;

  const headers = new Headers(stored.headers);
  if (representation.etag !== null) headers.set('ETag', representation.etag);
  if (representation.encoding !== 'identity') headers.set('Content-Encoding', representation.encoding);
  if (!headers.has('date')) headers.set('Date', formatHttpDate(stored.storedAt));
  headers.set('Age', String(second));
  const ttl = Math.floor(stored.lifetime.fresh - age);
  headers.set('X-Cache-Status', remark.outcome);
  headers.set('X-Cache-Key', stored.key);
  headers.set('X-Cache-Age', String(Math.max(0, Math.floor((now - stored.storedAt) / 1_000))));
  headers.set('X-Cache-TTL', String(Math.max(0, ttl)));
  appendCacheStatus(headers, { ...remark, ttl });
  representation.written = { second, mark, headers };
  return headers;
}

/**
 * The whole answer, fresh, to be cloned: made once a second. A Blob's bytes are shared by all clones; those of an array
 * would be copied for each.
 */
export function freshMaster(stored: StoredResponse, representation: Representation, now: number): Response {
  const second = Math.floor(ageOf(stored, now));
  const { master } = representation;
  if (master?.second === second) return master.response;
  const headers = headOf(stored, representation, { outcome: 'HIT', hit: true }, now);
  representation.blob ??= new Blob([representation.body]);
  const response = new Response(representation.blob, { headers });
  representation.master = { second, response };
  return response;
}

function partOf({ body }: Representation, field: string, head: Headers): Response {
  const range = requestedRange(field, body.byteLength);
  if (range === 'whole') return new Response(body, { headers: head });
  const headers = new Headers(head);
  if (range === 'unsatisfiable') {
    headers.set('Content-Range', `bytes */${body.byteLength}`);
    return new Response(null, { status: 416, headers });
  }
  headers.set('Content-Range', `bytes ${range.first}-${range.last}/${body.byteLength}`);
  return new Response(body.subarray(range.first, range.last + 1), { status: 206, headers });
}

function without(headers: Headers, names: readonly string[]): Headers {
  const fewer = new Headers(headers);
  for (const name of names) fewer.delete(name);
  return fewer;
}
