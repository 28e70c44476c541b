import { ProductStatus } from '../generated/prisma/enums.ts';

/** The statuses that shoppers see: drafts and hidden products do not exist for them. */
export const LISTED: ProductStatus[] = [ProductStatus.ACTIVE, ProductStatus.OUT_OF_STOCK];
