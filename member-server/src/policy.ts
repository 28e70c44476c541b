import { type Access, ANY_MEMBER } from '@doa-market/common/auth';

const ADMIN: Access = ['ADMIN'];
/** Password hashes and the like are for nobody else, whatever service token they hold. */
const AUTH_SERVER: Access = 'service:auth-server';

/**
 * Who may call what, by operationId. Whose things they are is in the path: what is under `me`, and every wishlist
 * and cart, belongs to the caller's own `sub`, and no id of somebody else's is ever found there.
 */
export const POLICY = {
  getOwnMember: ANY_MEMBER,
  updateOwnMember: ANY_MEMBER,
  leave: ANY_MEMBER,
  listOwnAgreements: ANY_MEMBER,
  decideOnAgreement: ANY_MEMBER,

  listMembers: ADMIN,
  getMember: ADMIN,
  updateMember: ADMIN,

  findCredentials: AUTH_SERVER,
  createMember: AUTH_SERVER,
  getMemberCredentials: AUTH_SERVER,
  changePassword: AUTH_SERVER,
  proveEmail: AUTH_SERVER,
  findByIdentity: AUTH_SERVER,
  linkIdentity: AUTH_SERVER,
  certifyMember: AUTH_SERVER,
} as const satisfies Record<string, Access>;
