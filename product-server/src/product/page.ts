import { type PageMeta, type ProductSummary, pageMeta } from '@doa-market/common/contracts';
import type { Database } from '../database.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { ProductQuery } from './schemas.ts';
import { IS_LISTED, listOf, readSummaries } from './summaries.ts';

/** Each order ends with the id, so that pages never overlap. */
const ORDERS: Record<ProductQuery['sort'], Prisma.Sql> = {
  popular: Prisma.sql`sales_count DESC, id`,
  newest: Prisma.sql`created_at DESC, id`,
  discount: Prisma.sql`discount_rate DESC, id`,
  'price-asc': Prisma.sql`price, id`,
  'price-desc': Prisma.sql`price DESC, id`,
};

/** One page of the listed products. @param categoryIds of the category that `query` names, and of all below it */
export async function readPage(
  database: Database,
  query: ProductQuery,
  categoryIds: readonly string[] | undefined,
): Promise<{ data: ProductSummary[]; meta: PageMeta }> {
  const conditions = [
    IS_LISTED,
    ...(categoryIds ? [Prisma.sql`category_id = ANY(${[...categoryIds]}::uuid[])`] : []),
    ...(query.discounted ? [Prisma.sql`discount_rate > 0`] : []),
    ...(query.exclude === undefined ? [] : [Prisma.sql`slug <> ${query.exclude}`]),
    ...(query.ids === undefined ? [] : [Prisma.sql`id = ANY(${query.ids.split(',')}::uuid[])`]),
  ];
  const where = Prisma.join(conditions, ' AND ');
  const page = Prisma.sql`
    SELECT id FROM products product WHERE ${where}
    ORDER BY ${ORDERS[query.sort]} LIMIT ${query.limit} OFFSET ${(query.page - 1) * query.limit}`;
  const [lists, [count]] = await Promise.all([
    readSummaries(database, listOf('page', page)),
    database.$queryRaw<[{ total: bigint }]>`SELECT count(*) AS total FROM products product WHERE ${where}`,
  ]);
  return { data: lists.get('page') ?? [], meta: pageMeta(query, Number(count.total)) };
}
