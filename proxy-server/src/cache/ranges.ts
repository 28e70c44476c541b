import { stronglyEqual } from './fields/entity-tag.ts';
import type { Representation, StoredResponse } from './stored-response.ts';

/** Bytes from `first` to `last`, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

const SINGLE_RANGE = /^bytes=(\d*)-(\d*)$/;

/**
 * The one range that a request asks for (RFC 9110 section 14.2). `whole` where the field may be ignored: other units,
 * several ranges, nonsense; `unsatisfiable` where it begins past the end.
 */
export function requestedRange(field: string, length: number): ByteRange | 'whole' | 'unsatisfiable' {
  const [matches, from = '', to = ''] = SINGLE_RANGE.exec(field.trim()) ?? [];
  if (matches === undefined || (from === '' && to === '')) return 'whole';
  if (from === '') {
    const suffix = Number(to);
    if (suffix === 0) return 'unsatisfiable';
    return { first: Math.max(0, length - suffix), last: length - 1 };
  }
  const first = Number(from);
  const last = to === '' ? length - 1 : Math.min(Number(to), length - 1);
  if (to !== '' && Number(to) < first) return 'whole';
  return first >= length ? 'unsatisfiable' : { first, last };
}

/** Whether the part that a client has and the stored answer belong together (RFC 9110 section 13.1.5). */
export function rangeApplies(stored: StoredResponse, { etag }: Representation, request: Headers): boolean {
  const condition = request.get('if-range');
  if (condition === null) return true;
  if (condition.startsWith('"') || condition.startsWith('W/')) {
    return etag !== null && stronglyEqual(condition, etag);
  }
  return condition === stored.headers.get('last-modified');
}
