import type { ResponseControl } from './fields/response-control.ts';
import { varyNames } from './fields/vary.ts';
import { explicitFreshness } from './freshness.ts';

interface Exchanged {
  request: Headers;
  response: { status: number; headers: Headers };
  control: ResponseControl;
  /** Milliseconds since the epoch. */
  respondedAt: number;
}

/** Final answers that a cache understands well enough for `must-understand` (RFC 9111 section 5.2.2.3). */
const UNDERSTOOD = new Set([
  200, 203, 204, 300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 406, 408, 410, 411, 412, 413, 414,
  415, 416, 417, 421, 422, 426, 428, 429, 431, 451, 500, 501, 502, 503, 504, 505,
]);
/** Parts and confirmations of an answer, not answers. */
const NOT_WHOLE = new Set([206, 304]);

/** Why the answer to a GET must not be kept by a shared cache (RFC 9111 section 3), or undefined where it may. */
export function unstorable({ request, response, control, respondedAt }: Exchanged): string | undefined {
  const { status, headers } = response;
  if (status < 200 || NOT_WHOLE.has(status)) return `status ${status}`;
  const understood = control.has('must-understand');
  if (understood && !UNDERSTOOD.has(status)) return `status ${status}`;
  if (control.has('no-store') && !understood) return 'no-store';
  if (control.has('private')) return 'private';
  if (varyNames(headers).includes('*')) return 'vary';
  if (request.has('authorization') && !mayShareAuthorized(control)) return 'authorization';
  if (!isDelimited(response)) return 'length unknown';
  const fresh = explicitFreshness({ headers, control, respondedAt });
  // Without a life of its own it is worth keeping only if the origin can confirm it.
  if (!fresh && !headers.has('etag') && !headers.has('last-modified') && !livesOnStale(control)) {
    return 'no lifetime';
  }
  return undefined;
}

/** RFC 9111 section 3.5 */
export const mayShareAuthorized = (control: ResponseControl): boolean =>
  control.has('public') || control.has('s-maxage') || control.has('must-revalidate');

const livesOnStale = (control: ResponseControl): boolean =>
  (control.seconds('stale-while-revalidate') ?? 0) > 0 || (control.seconds('stale-if-error') ?? 0) > 0;

const WITHOUT_BODY = new Set([204, 205]);

/** Without a length, a broken connection looks like the end (RFC 9112 section 8). */
const isDelimited = ({ status, headers }: Exchanged['response']): boolean =>
  WITHOUT_BODY.has(status) ||
  headers.has('content-length') ||
  headers.get('transfer-encoding')?.toLowerCase() === 'chunked';
