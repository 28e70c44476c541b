import type { ManagedProduct, ManagedProductSummary } from '@doa-market/common/contracts';
import type { Prisma } from '../generated/prisma/client.ts';
import { toImage } from '../image/image.ts';
import type { ProductState } from './state.ts';

/** How products look to those who sell them. */

export const managedSummaryInclude = {
  category: { select: { slug: true, name: true } },
} satisfies Prisma.ProductInclude;

export const managedInclude = {
  ...managedSummaryInclude,
  images: { orderBy: { position: 'asc' }, include: { image: true } },
  options: { orderBy: { position: 'asc' } },
  skus: { where: { deletedAt: null }, orderBy: { position: 'asc' } },
} satisfies Prisma.ProductInclude;

type SummaryRow = Prisma.ProductGetPayload<{ include: typeof managedSummaryInclude }>;
export type ManagedRow = Prisma.ProductGetPayload<{ include: typeof managedInclude }>;

export function toManagedSummary(row: SummaryRow): ManagedProductSummary {
  const { id, slug, sellerId, status, version, name, brand, category } = row;
  const { price, listPrice, discountRate } = row;
  return {
    ...{ id, slug, sellerId, status, version, name, brand, category, price, listPrice, discountRate },
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export function toManaged(row: ManagedRow): ManagedProduct {
  return {
    ...toManagedSummary(row),
    description: row.description,
    images: row.images.map(({ image, alt }) => toImage(image, alt)),
    options: row.options.map(({ name, values }) => ({ name, values })),
    skus: row.skus.map(({ id, code, values, price, onHand, held }) => ({
      ...{ id, code, values, price, onHand, held },
    })),
  };
}

/** The part of it that its seller decides. */
export function toState(row: ManagedRow): ProductState {
  const { slug, name, brand, description, price, listPrice, status } = row;
  return {
    ...{ slug, name, brand, description, price, listPrice, status, category: row.category.slug },
    pictures: row.images.map(({ imageHash, alt }) => ({ hash: imageHash, alt })),
    options: row.options.map(({ name, values }) => ({ name, values })),
    skus: row.skus.map(({ id, code, values, price, onHand, held }) => ({
      ...{ id, code, values, price, onHand, held },
    })),
  };
}
