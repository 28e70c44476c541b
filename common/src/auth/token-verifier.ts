import { hash } from 'node:crypto';
import type { JWTVerifyGetKey } from 'jose';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { IdSchema, ROLES } from '../contracts/index.ts';
import { invalidToken, sessionEnded, unavailable } from '../errors/index.ts';
import { KeySetUnavailable } from './key-set.ts';
import type { RevocationCheck } from './revocation.ts';
import { readSignedToken } from './signed-token.ts';

/** `aud` of the tokens that end users carry. A service token carries the callee's folder name instead. */
export const USER_AUDIENCE = 'doa-market';

const ClaimsSchema = Type.Object({
  sub: Type.String({ minLength: 1, maxLength: 100 }),
  sid: Type.Optional(IdSchema),
  jti: IdSchema,
  aud: Type.String(),
  role: Type.Enum([...ROLES, 'SERVICE']),
  iat: Type.Integer(),
  exp: Type.Integer(),
});
export type AccessClaims = Static<typeof ClaimsSchema>;
const PayloadSchema = Type.Object({ ...ClaimsSchema.properties, iss: Type.String(), nbf: Type.Integer() });
const payloadValidator = Compile(PayloadSchema);

interface TokenVerifierOptions {
  issuer: string;
  /** `doa-market` for end users, and the server's own name where it has /internal endpoints. */
  audience: string[];
  keys: JWTVerifyGetKey;
  /** Asked every time, whether the token is remembered or not. Without it a token is good until it expires. */
  isRevoked?: RevocationCheck;
  /** How many verified tokens are remembered; the oldest is forgotten first. */
  capacity?: number;
  now?: () => number;
}

/**
 * Verifies access tokens (RFC 9068): ES256 and `at+jwt` alone, keys from the set and never from the token.
 * A signature costs 75 us, so a verified token is remembered by its SHA-256, and never past its `exp`.
 */
export function createTokenVerifier(options: TokenVerifierOptions) {
  const { issuer, audience, keys, isRevoked, capacity = 10_000, now = Date.now } = options;
  const verified = new Map<string, AccessClaims>();

  function remember(digest: string, claims: AccessClaims) {
    if (verified.size >= capacity) {
      const oldest = verified.keys().next();
      if (!oldest.done) verified.delete(oldest.value);
    }
    verified.set(digest, claims);
  }

  /** Issued by whom we trust, to be shown to us, and good now (RFC 7519 section 4.1). */
  function isOurs({ iss, aud, nbf, exp }: Static<typeof PayloadSchema>): boolean {
    const seconds = now() / 1_000;
    return iss === issuer && audience.includes(aud) && nbf <= seconds && seconds < exp;
  }

  const digestOf = (token: string) => hash('sha256', token, 'base64');

  function recall(digest: string): AccessClaims | undefined {
    const known = verified.get(digest);
    if (known && known.exp * 1_000 > now()) return known;
    verified.delete(digest);
    return undefined;
  }

  async function claimsOf(token: string): Promise<AccessClaims> {
    const digest = digestOf(token);
    const known = recall(digest);
    if (known) return known;

    const payload = await readSignedToken(token, keys).catch((error: unknown) => {
      // Without keys the token may well be good, so 401 would be a lie.
      throw error instanceof KeySetUnavailable ? unavailable(error) : invalidToken(error);
    });
    if (!payloadValidator.Check(payload) || !isOurs(payload)) throw invalidToken();
    const { sub, sid, jti, aud, role, iat, exp } = payload;
    const claims = { sub, ...(sid !== undefined && { sid }), jti, aud, role, iat, exp };
    remember(digest, claims);
    return claims;
  }

  /**
   * @throws {ProblemError} 401 for a token that does not verify or whose session was ended, 503 when there are no keys
   * to verify with.
   */
  async function verify(token: string): Promise<AccessClaims> {
    const claims = await claimsOf(token);
    if (claims.sid !== undefined && (await isRevoked?.(claims.sid))) throw sessionEnded();
    return claims;
  }

  /** The claims of a token that is known to be good without waiting for anything; undefined where `verify` has to say. */
  function atOnce(token: string): AccessClaims | undefined {
    const claims = recall(digestOf(token));
    if (claims?.sid === undefined || !isRevoked) return claims;
    return isRevoked.atOnce(claims.sid) === false ? claims : undefined;
  }

  return Object.assign(verify, { atOnce });
}
export type TokenVerifier = ReturnType<typeof createTokenVerifier>;
