import { invalidToken } from '../errors/index.ts';

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;
/** Ours are around 500 bytes; whatever is ten times that is not worth hashing. */
const MAX_TOKEN_LENGTH = 8_192;

/**
 * The token of an Authorization header (RFC 6750 section 2.1), or undefined where there is none.
 * @throws {ProblemError} 401 when the header is there but is no Bearer token.
 */
export function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const token = header.length <= MAX_TOKEN_LENGTH ? BEARER.exec(header)?.[1] : undefined;
  if (!token) throw invalidToken();
  return token;
}
