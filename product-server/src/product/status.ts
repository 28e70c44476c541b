import { conflict } from '@doa-market/common/errors';
import { ProductStatus } from '../generated/prisma/enums.ts';

/** The statuses that shoppers see: drafts and hidden products do not exist for them. */
export const LISTED: ProductStatus[] = [ProductStatus.ACTIVE, ProductStatus.OUT_OF_STOCK];

export const isListed = (status: ProductStatus): boolean => LISTED.includes(status);

/** What has been listed once is no draft any more: orders and caches know of it. */
const TRANSITIONS: Record<ProductStatus, ProductStatus[]> = {
  DRAFT: ['ACTIVE', 'OUT_OF_STOCK', 'HIDDEN'],
  ACTIVE: ['OUT_OF_STOCK', 'HIDDEN'],
  OUT_OF_STOCK: ['ACTIVE', 'HIDDEN'],
  HIDDEN: ['ACTIVE', 'OUT_OF_STOCK'],
};

/** @throws {ProblemError} 409 */
export function assertTransition(from: ProductStatus, to: ProductStatus): void {
  if (!TRANSITIONS[from].includes(to)) throw conflict(`A product that is ${from} does not become ${to}.`);
}
