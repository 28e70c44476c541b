import { type ProductList, type ProductSummary, pageMeta } from '@doa-market/common/contracts';
import type { Database } from '../database.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { Counts } from './counts.ts';
import { decodePlace, encodePlace, pageAfter, pageFrom, placeOf } from './orders.ts';
import type { ProductQuery } from './schemas.ts';
import { IS_LISTED, listOf, readSummaries } from './summaries.ts';

/** One page of the listed products. @param categoryIds of the category that `query` names, and of all below it */
export async function readPage(
  database: Database,
  counts: Counts,
  query: ProductQuery,
  categoryIds: readonly string[] | undefined,
): Promise<ProductList> {
  const { sort, limit, page, cursor, exclude } = query;
  const counted = Prisma.join(conditionsOf(query, categoryIds), ' AND ');
  const where = exclude === undefined ? counted : Prisma.sql`${counted} AND slug <> ${exclude}`;
  const chosen = cursor
    ? pageAfter(where, decodePlace(cursor, sort), limit + 1)
    : pageFrom(where, sort, limit + 1, (page - 1) * limit);
  const [lists, total, excluded] = await Promise.all([
    readSummaries(database, listOf('page', chosen)),
    counts(counted),
    exclude === undefined ? 0 : counts(Prisma.sql`${counted} AND slug = ${exclude}`),
  ]);
  // One more than is shown says whether there is another page.
  const found = lists.get('page') ?? [];
  const data = found.slice(0, limit);
  const nextCursor = found.length > limit ? await cursorAfter(database, data, sort) : undefined;
  return { data, meta: { ...pageMeta(query, total - excluded), ...(nextCursor && { nextCursor }) } };
}

function conditionsOf(query: ProductQuery, categoryIds: readonly string[] | undefined): Prisma.Sql[] {
  return [
    IS_LISTED,
    ...(categoryIds ? [within(categoryIds)] : []),
    ...(query.discounted ? [Prisma.sql`discount_rate > 0`] : []),
    ...(query.ids === undefined ? [] : [Prisma.sql`id = ANY(${query.ids.split(',')}::uuid[])`]),
  ];
}

/** Of one category an index has the products in every order. */
function within(categoryIds: readonly string[]): Prisma.Sql {
  const [id] = categoryIds;
  if (id !== undefined && categoryIds.length === 1) return Prisma.sql`category_id = ${id}::uuid`;
  return Prisma.sql`category_id = ANY(${[...categoryIds]}::uuid[])`;
}

async function cursorAfter(database: Database, data: readonly ProductSummary[], sort: ProductQuery['sort']) {
  const last = data.at(-1);
  const place = last && (await placeOf(database, last.id, sort));
  return place && encodePlace(place);
}
