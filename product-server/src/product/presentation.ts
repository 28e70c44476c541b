import type { ProductDetail, ProductStatus, ProductSummary } from '@doa-market/common/contracts';
import type { Prisma } from '../generated/prisma/client.ts';
import { toImage } from '../image/image.ts';
import { badgesOf } from './badges.ts';

/** What a summary needs of the database, in one query. */
export const summaryInclude = {
  category: { select: { slug: true, name: true } },
  images: { orderBy: { position: 'asc' }, take: 1, include: { image: true } },
} satisfies Prisma.ProductInclude;

export const detailInclude = {
  category: { select: { slug: true, name: true } },
  images: { orderBy: { position: 'asc' }, include: { image: true } },
  options: { orderBy: { position: 'asc' } },
  skus: { where: { deletedAt: null }, orderBy: { position: 'asc' } },
} satisfies Prisma.ProductInclude;

type SummaryRow = Prisma.ProductGetPayload<{ include: typeof summaryInclude }>;
type DetailRow = Prisma.ProductGetPayload<{ include: typeof detailInclude }>;

export function toSummary(row: SummaryRow, now: Date): ProductSummary {
  const [cover] = row.images;
  // Only products with a picture are listed; the seed and every write see to it.
  if (!cover) throw new Error(`product ${row.id} has no image`);
  return {
    ...factsOf(row, now),
    status: row.status === 'ACTIVE' ? 'ACTIVE' : 'OUT_OF_STOCK',
    image: toImage(cover.image, cover.alt),
  };
}

function factsOf(row: SummaryRow, now: Date): Omit<ProductSummary, 'image' | 'status'> {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    brand: row.brand,
    price: row.price,
    listPrice: row.listPrice,
    discountRate: row.discountRate,
    rating: row.rating === null ? null : row.rating.toNumber(),
    reviewCount: row.reviewCount,
    categorySlug: row.category.slug,
    badges: badgesOf(row, now),
  };
}

export function toDetail(row: DetailRow, now: Date): ProductDetail {
  return { ...toSummary(row, now), ...detailsOf(row) };
}

/** A product that is not listed, for those who may see it: it may have no picture yet. */
export type ProductPreview = Omit<ProductDetail, 'image' | 'status'> & {
  status: ProductStatus;
  image?: ProductDetail['image'];
};

export function toPreview(row: DetailRow, now: Date): ProductPreview {
  const details = detailsOf(row);
  const [image] = details.images;
  return { ...factsOf(row, now), status: row.status, ...(image && { image }), ...details };
}

const detailsOf = (row: DetailRow) => ({
  description: row.description,
  images: row.images.map(({ image, alt }) => toImage(image, alt)),
  category: row.category,
  options: row.options.map(({ name, values }) => ({ name, values })),
  skus: row.skus.map(({ id, code, values, price, onHand, held }) => ({
    ...{ id, code, values, price, stock: onHand - held },
  })),
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
});
