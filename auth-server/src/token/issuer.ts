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
}

const SERVICE_TOKEN_SECONDS = 60;

/** Makes access tokens (RFC 9068): ES256, `at+jwt`, the key named by `kid`. */
export function createTokenIssuer({ issuer, expiresIn, keys }: IssuerOptions) {
  const sign = (claims: Record<string, string>, audience: string, seconds: number): Promise<string> => {
    const now = Math.floor(Date.now() / 1_000);
    return new SignJWT({ ...claims, jti: uuidv7() })
      .setProtectedHeader({ alg: 'ES256', kid: keys.kid, typ: 'at+jwt' })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + seconds)
      .sign(keys.privateKey);
  };

  return {
    /** A token of an end user, always with a new session id. */
    async forUser(subject: string, role: Role): Promise<AccessToken> {
      const accessToken = await sign({ sub: subject, sid: uuidv7(), role }, USER_AUDIENCE, expiresIn);
      return { accessToken, tokenType: 'Bearer', expiresIn, role };
    },
    /** A token with which this server calls another one's /internal endpoints. */
    forService: (callee: string): Promise<string> =>
      sign({ sub: 'service:auth-server', role: 'SERVICE' }, callee, SERVICE_TOKEN_SECONDS),
  };
}
export type TokenIssuer = ReturnType<typeof createTokenIssuer>;
