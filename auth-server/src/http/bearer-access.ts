import {
  type Access,
  type AccessClaims,
  ANY_MEMBER,
  ANY_VISITOR,
  assertAccess,
  bearerToken,
  type TokenVerifier,
} from '@doa-market/common/auth';
import { invalidToken } from '@doa-market/common/errors';
import type { Context } from 'koa';

/** The claims of an end user's token: it always belongs to a session. */
export type SessionClaims = AccessClaims & { sid: string };

/** Who may call a route with a Bearer token, for a route's `authenticate`. */
export function createBearerAccess(verifyToken: TokenVerifier) {
  async function claimsOf(ctx: Context, access: Access): Promise<AccessClaims> {
    const token = bearerToken(ctx.headers.authorization);
    const claims = token === undefined ? undefined : await verifyToken(token);
    assertAccess(access, claims);
    if (!claims) throw invalidToken();
    return claims;
  }
  async function sessionOf(ctx: Context, access: Access): Promise<SessionClaims> {
    const { sid, ...claims } = await claimsOf(ctx, access);
    if (sid === undefined) throw invalidToken();
    return { ...claims, sid };
  }

  return {
    visitor: (ctx: Context): Promise<SessionClaims> => sessionOf(ctx, ANY_VISITOR),
    member: (ctx: Context): Promise<SessionClaims> => sessionOf(ctx, ANY_MEMBER),
    /** The server of that name, with a service token for this one. */
    service:
      (name: string) =>
      (ctx: Context): Promise<AccessClaims> =>
        claimsOf(ctx, `service:${name}`),
  };
}
export type BearerAccess = ReturnType<typeof createBearerAccess>;
