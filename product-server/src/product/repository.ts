import {
  type PageMeta,
  type ProductDetail,
  type ProductSummary,
  pageMeta,
} from '@doa-market/common/contracts';
import type { Database } from '../database.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { detailInclude, summaryInclude, toDetail, toSummary } from './presentation.ts';
import type { ProductQuery } from './schemas.ts';
import { LISTED } from './status.ts';

/** Each order ends with the id, so that pages never overlap. */
const ORDERS: Record<ProductQuery['sort'], Prisma.ProductOrderByWithRelationInput[]> = {
  popular: [{ salesCount: 'desc' }, { id: 'asc' }],
  newest: [{ createdAt: 'desc' }, { id: 'asc' }],
  discount: [{ discountRate: 'desc' }, { id: 'asc' }],
  'price-asc': [{ price: 'asc' }, { id: 'asc' }],
  'price-desc': [{ price: 'desc' }, { id: 'asc' }],
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function createProductRepository(database: Database) {
  return {
    /** One page of the listed products, with images and category in the same query. */
    async paginate(query: ProductQuery): Promise<{ data: ProductSummary[]; meta: PageMeta }> {
      const where: Prisma.ProductWhereInput = {
        status: { in: LISTED },
        ...(query.category && { category: { slug: query.category } }),
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

    /** A listed product, or null: for shoppers a draft does not exist. */
    async findByIdOrSlug(idOrSlug: string): Promise<ProductDetail | null> {
      const row = await database.product.findFirst({
        where: {
          status: { in: LISTED },
          ...(UUID.test(idOrSlug) ? { id: idOrSlug } : { slug: idOrSlug }),
        },
        include: detailInclude,
      });
      return row && toDetail(row, new Date());
    },
  };
}
export type ProductRepository = ReturnType<typeof createProductRepository>;
