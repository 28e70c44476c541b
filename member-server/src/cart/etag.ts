import { preconditionFailed } from '@doa-market/common/errors';

const STRONG_ETAGS = /(?<!W\/)"(\d{1,16})"/g;

export const etagOf = (version: string): string => `"${version}"`;

/** The versions that If-Match names; undefined where any will do. @throws {ProblemError} 412 when none can match. */
export function expectedVersions(header: string | undefined): string[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const versions = [...header.matchAll(STRONG_ETAGS)].map(([, version = '']) => version);
  if (versions.length === 0) throw preconditionFailed();
  return versions;
}
