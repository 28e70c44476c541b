import type { Access } from '@doa-market/common/auth';

/** Sellers for what is their own: that is for the services to say. */
const EDITOR: Access = ['SELLER', 'ADMIN'];

/** Who may write what of the catalogue, by operationId; reading it is for everybody. */
export const POLICY = {
  listOwnProducts: EDITOR,
  getOwnProduct: EDITOR,
  createProduct: EDITOR,
  updateProduct: EDITOR,
  removeProduct: EDITOR,
} as const satisfies Record<string, Access>;
