import { USER_AUDIENCE } from '@doa-market/common/auth';
import type { AccessToken, Role } from '@doa-market/common/contracts';
import { SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import type { SigningKeys } from '../keys/signing-keys.ts';

interface IssuerOptions {
  issuer: string;
  /** Seconds. */
  expiresIn: number;
  keys: SigningKeys;
  now: () => number;
}

interface SessionSubject {
  memberId: string;
  sid: string;
  role: Role;
}

export const SERVICE_TOKEN_SECONDS = 60;

/** Seconds: the most that JWT_EXPIRES_IN may be, so what is kept for the sake of old tokens is kept long enough. */
export const LONGEST_ACCESS_TOKEN = 3_600;

/** Makes access tokens (RFC 9068): ES256, `at+jwt`, the key named by `kid`. */
export function createTokenIssuer({ issuer, expiresIn, keys, now }: IssuerOptions) {
  const sign = (claims: Record<string, string>, audience: string, seconds: number): Promise<string> => {
    const issuedAt = Math.floor(now() / 1_000);
    const { kid, privateKey } = keys.signing();
    return new SignJWT({ ...claims, jti: uuidv7() })
      .setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(issuedAt)
      .setNotBefore(issuedAt)
      .setExpirationTime(issuedAt + seconds)
      .sign(privateKey);
  };

  async function forUser(subject: string, sid: string, role: Role, seconds: number): Promise<AccessToken> {
    const accessToken = await sign({ sub: subject, sid, role }, USER_AUDIENCE, seconds);
    return { accessToken, tokenType: 'Bearer', expiresIn: seconds, role };
  }

  return {
    /** A token of a member's session, which has `secondsLeft` itself. */
    forSession: ({ memberId, sid, role }: SessionSubject, secondsLeft: number): Promise<AccessToken> =>
      forUser(memberId, sid, role, Math.min(expiresIn, secondsLeft)),
    /** A visitor has no session here, but every token has an id by which it can be ended. */
    forGuest: (subject: string): Promise<AccessToken> => forUser(subject, uuidv7(), 'GUEST', expiresIn),
    /** A token with which a server, this one or another, calls another one's /internal endpoints. */
    forService: (callee: string, caller = 'auth-server'): Promise<string> =>
      sign({ sub: `service:${caller}`, role: 'SERVICE' }, callee, SERVICE_TOKEN_SECONDS),
  };
}
export type TokenIssuer = ReturnType<typeof createTokenIssuer>;
