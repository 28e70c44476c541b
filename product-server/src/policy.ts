import { type Access, ANY_MEMBER, ANY_VISITOR } from '@doa-market/common/auth';

const ADMIN: Access = ['ADMIN'];
/** Sellers for what is their own: that is for the services to say. */
const EDITOR: Access = ['SELLER', 'ADMIN'];
/** Orders alone hold and sell, so nobody else is let near the stock. */
const QUEUE_SERVER: Access = 'service:queue-server';

/** Who may write what of the catalogue, by operationId; reading it is for everybody. */
export const POLICY = {
  listOwnProducts: EDITOR,
  getOwnProduct: EDITOR,
  createProduct: EDITOR,
  updateProduct: EDITOR,
  removeProduct: EDITOR,

  createReview: ANY_MEMBER,
  getOwnReview: ANY_MEMBER,
  updateReview: ANY_MEMBER,
  removeReview: ANY_MEMBER,
  setReviewStatus: ['ADMIN'],
  countView: ANY_VISITOR,

  listManagedCategories: ADMIN,
  createCategory: ADMIN,
  updateCategory: ADMIN,
  removeCategory: ADMIN,
  orderCategories: ADMIN,

  listManagedBanners: ADMIN,
  createBanner: ADMIN,
  updateBanner: ADMIN,
  removeBanner: ADMIN,
  orderBanners: ADMIN,

  uploadImage: EDITOR,

  exportProducts: EDITOR,
  createImport: EDITOR,
  getImport: EDITOR,

  createHold: QUEUE_SERVER,
  createSeatHold: QUEUE_SERVER,
  getHold: QUEUE_SERVER,
  extendHold: QUEUE_SERVER,
  confirmHold: QUEUE_SERVER,
  releaseHold: QUEUE_SERVER,
  returnHold: QUEUE_SERVER,
  getAvailability: QUEUE_SERVER,

  /** It makes purges of them. */
  listSentEvents: 'service:bff-server',
} as const satisfies Record<string, Access>;
