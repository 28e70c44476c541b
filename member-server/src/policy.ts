import { type Access, ANY_MEMBER, ANY_VISITOR } from '@doa-market/common/auth';

const ADMIN: Access = ['ADMIN'];
/** Password hashes and the like are for nobody else, whatever service token they hold. */
const AUTH_SERVER: Access = 'service:auth-server';
/** Where an order goes, and what it has bought. */
const QUEUE_SERVER: Access = 'service:queue-server';

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

  listAddresses: ANY_MEMBER,
  createAddress: ANY_MEMBER,
  getAddress: ANY_MEMBER,
  updateAddress: ANY_MEMBER,
  removeAddress: ANY_MEMBER,

  listWishes: ANY_MEMBER,
  addWish: ANY_MEMBER,
  removeWish: ANY_MEMBER,

  getCart: ANY_VISITOR,
  clearCart: ANY_VISITOR,
  addCartItem: ANY_VISITOR,
  setCartItem: ANY_VISITOR,
  removeCartItem: ANY_VISITOR,
  mergeCart: ANY_MEMBER,

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

  getAddressOfMember: QUEUE_SERVER,
  removePurchase: QUEUE_SERVER,
} as const satisfies Record<string, Access>;
