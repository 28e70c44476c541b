import { type Role, RoleSchema } from '@doa-market/common/contracts';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';

const claims = Compile(Type.Object({ role: RoleSchema, exp: Type.Integer({ minimum: 0 }) }));

/** From how many milliseconds before its end a token is renewed. */
export const RENEW_WITHIN = 60_000;

export interface AccessToken {
  readonly token: string;
  readonly role: Role;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * What an access token says of itself, unverified: it decides on nothing but when to renew.
 * Undefined where it is no token of ours or has expired.
 */
export function readAccessToken(token: string | undefined, now: number): AccessToken | undefined {
  if (token === undefined) return undefined;
  const payload = parseJson(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  if (!claims.Check(payload)) return undefined;
  const expiresAt = payload.exp * 1_000;
  return expiresAt <= now ? undefined : { token, role: payload.role, expiresAt };
}

export const isGuest = ({ role }: AccessToken): boolean => role === 'GUEST';
export const isFresh = (access: AccessToken, now: number): boolean => access.expiresAt - now >= RENEW_WITHIN;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
