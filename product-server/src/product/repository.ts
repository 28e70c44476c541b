import {
  type PageMeta,
  type ProductDetail,
  type ProductSummary,
  pageMeta,
} from '@doa-market/common/contracts';
import type { CategoryRepository } from '../category/repository.ts';
import type { Database } from '../database.ts';
import type { Editor } from '../editor.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { isId } from './id.ts';
import {
  detailInclude,
  type ProductPreview,
  summaryInclude,
  toDetail,
  toPreview,
  toSummary,
} from './presentation.ts';
import type { ProductQuery } from './schemas.ts';
import { isListed, LISTED } from './status.ts';

/** Each order ends with the id, so that pages never overlap. */
const ORDERS: Record<ProductQuery['sort'], Prisma.ProductOrderByWithRelationInput[]> = {
  popular: [{ salesCount: 'desc' }, { id: 'asc' }],
  newest: [{ createdAt: 'desc' }, { id: 'asc' }],
  discount: [{ discountRate: 'desc' }, { id: 'asc' }],
  'price-asc': [{ price: 'asc' }, { id: 'asc' }],
  'price-desc': [{ price: 'desc' }, { id: 'asc' }],
};

export function createProductRepository(database: Database, categories: CategoryRepository) {
  return {
    /** One page of the listed products, with images and category in the same query. */
    async paginate(query: ProductQuery): Promise<{ data: ProductSummary[]; meta: PageMeta }> {
      const where: Prisma.ProductWhereInput = {
        status: { in: LISTED },
        ...(query.category && { categoryId: { in: await categories.idsWithin(query.category) } }),
        ...(query.discounted && { discountRate: { gt: 0 } }),
        ...(query.exclude && { slug: { not: query.exclude } }),
        ...(query.ids && { id: { in: query.ids.split(',') } }),
      };
      const [rows, total] = await Promise.all([
        database.product.findMany({
          where,
          orderBy: ORDERS[query.sort],
          skip: (query.page - 1) * query.limit,
          take: query.limit,
          include: summaryInclude,
        }),
        database.product.count({ where }),
      ]);
      const now = new Date();
      return { data: rows.map((row) => toSummary(row, now)), meta: pageMeta(query, total) };
    },

    /** A listed product; to those who may edit it one of any status; null where there is none. */
    async findByIdOrSlug(idOrSlug: string, editor?: Editor): Promise<FoundProduct | null> {
      const row = await database.product.findFirst({
        where: { ...visibleTo(editor), ...(isId(idOrSlug) ? { id: idOrSlug } : { slug: idOrSlug }) },
        include: detailInclude,
      });
      if (!row) return null;
      const now = new Date();
      if (isListed(row.status)) return { listed: true, version: row.version, product: toDetail(row, now) };
      return { listed: false, version: row.version, product: toPreview(row, now) };
    },

    /** What is the slug now of the product that once had this one; null where there is none. */
    async findNewSlug(slug: string, editor?: Editor): Promise<string | null> {
      const former = await database.formerSlug.findFirst({
        where: { slug, product: visibleTo(editor) },
        select: { product: { select: { slug: true } } },
      });
      return former?.product.slug ?? null;
    },
  };
}
export type ProductRepository = ReturnType<typeof createProductRepository>;

export type FoundProduct = { version: number } & (
  | { listed: true; product: ProductDetail }
  | { listed: false; product: ProductPreview }
);

function visibleTo(editor: Editor | undefined): Prisma.ProductWhereInput {
  const listed = { status: { in: LISTED } };
  if (!editor) return listed;
  if (editor.sellerId === null) return { deletedAt: null };
  return { OR: [listed, { deletedAt: null, sellerId: editor.sellerId }] };
}
