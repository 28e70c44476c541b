import { Type } from 'typebox';
import { preconditionFailed, preconditionRequired } from '../errors/index.ts';

/** Optimistic locking over HTTP (RFC 9110 section 13): a resource's ETag is the number of its version. */

export const etagOf = (version: number): string => `"${version}"`;

/** For a route's `headers`: other headers come with every request, so nothing else is looked at. */
export const IfMatchSchema = Type.Object({
  'if-match': Type.Optional(Type.String({ maxLength: 1_000, description: 'the ETag that was read' })),
});

const STRONG_ETAGS = /(?<!W\/)"(\d{1,9})"/g;

/**
 * The versions that `If-Match` allows to be changed; undefined where any will do, as there is none or it is `*`.
 * Weak tags and tags that are not ours never match.
 * @throws {ProblemError} 412 when no version can match.
 */
export function ifMatch(header: string | undefined): number[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const versions = [...header.matchAll(STRONG_ETAGS)].map((match) => Number(match[1]));
  if (versions.length === 0) throw preconditionFailed();
  return versions;
}

/** The same where a change without `If-Match` is not taken. @throws {ProblemError} 428, 412 */
export function requiredIfMatch(header: string | undefined): number[] | undefined {
  if (header === undefined) throw preconditionRequired();
  return ifMatch(header);
}

const OPAQUE_TAGS = /"[^"]*"/g;

/** Whether the caller has what `etag` names already, so that 304 is the answer. Compared weakly, as RFC 9110 says. */
export function ifNoneMatch(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return [...header.matchAll(OPAQUE_TAGS)].some(([tag]) => tag === etag);
}
