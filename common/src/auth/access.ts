import type { Role } from '../contracts/index.ts';
import { forbidden, unauthenticated } from '../errors/index.ts';
import type { AccessClaims } from './token-verifier.ts';
import { USER_AUDIENCE } from './token-verifier.ts';

/**
 * Who may call an endpoint: anybody, some roles of end users, or another server (any, or that one alone) with a
 * service token for this one. A token that is presented is verified in every case.
 */
export type Access = 'public' | 'service' | `service:${string}` | readonly Role[];

export const ANY_VISITOR: Access = ['GUEST', 'MEMBER', 'SELLER', 'ADMIN'];
export const ANY_MEMBER: Access = ['MEMBER', 'SELLER', 'ADMIN'];

/** @throws {ProblemError} 401 or 403 (RFC 6750 section 3.1) when `claims` are not enough for `access`. */
export function assertAccess(access: Access, claims: AccessClaims | undefined): void {
  if (access === 'public') return;
  if (!claims) throw unauthenticated();
  if (typeof access === 'string') {
    if (claims.role !== 'SERVICE' || claims.aud === USER_AUDIENCE) throw forbidden();
    if (access !== 'service' && access !== claims.sub) throw forbidden();
    return;
  }
  if (claims.role === 'SERVICE' || claims.aud !== USER_AUDIENCE) throw forbidden();
  if (!access.includes(claims.role)) throw forbidden();
}
