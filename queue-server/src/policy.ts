import { type Access, ANY_MEMBER } from '@doa-market/common/auth';

const ADMIN: Access = ['ADMIN'];

/** Who may call what, by operationId. Whose order it is, the services say: somebody else's does not exist. */
export const POLICY = {
  createReservation: ANY_MEMBER,

  createOrder: ANY_MEMBER,
  listOwnOrders: ANY_MEMBER,
  getOrder: ANY_MEMBER,
  cancelOrder: ANY_MEMBER,
  shipOrder: ADMIN,

  /** It lets buyers write reviews. */
  findPurchase: 'service:product-server',
} as const satisfies Record<string, Access>;
