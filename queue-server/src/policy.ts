import { type Access, ANY_MEMBER, ANY_VISITOR } from '@doa-market/common/auth';

const ADMIN: Access = ['ADMIN'];

/** Who may call what, by operationId. Whose order it is, the services say: somebody else's does not exist. */
export const POLICY = {
  getQueueRoom: ANY_VISITOR,
  enterQueue: ANY_MEMBER,
  getQueuePlace: ANY_MEMBER,
  leaveQueue: ANY_MEMBER,
  putQueueRoom: ADMIN,
  removeQueueRoom: ADMIN,
  openQueue: ADMIN,
  pauseQueue: ADMIN,
  resumeQueue: ADMIN,
  getQueueStats: ADMIN,
  watchQueueStats: ADMIN,

  createReservation: ANY_MEMBER,

  createOrder: ANY_MEMBER,
  listOwnOrders: ANY_MEMBER,
  getOrder: ANY_MEMBER,
  cancelOrder: ANY_MEMBER,
  shipOrder: ADMIN,

  createPayment: ANY_MEMBER,
  getPayment: ANY_MEMBER,
  completePayment: ANY_MEMBER,
  /** Signed, and without a token: the gateway has none. */
  receivePaymentWebhook: 'public',

  /** It lets buyers write reviews. */
  findPurchase: 'service:product-server',
} as const satisfies Record<string, Access>;
