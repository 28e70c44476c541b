import type { ProductSummary } from '@doa-market/common/contracts';
import type { Database } from '../database.ts';
import { Prisma } from '../generated/prisma/client.ts';
import { toImage } from '../image/image.ts';
import { badgesOf } from './badges.ts';

/** What every list of products is read with: one statement, as loading relations costs a list most of its time. */

/** The products that shoppers see; in SQL, where it can use an index. */
export const IS_LISTED = Prisma.sql`product.status IN ('ACTIVE', 'OUT_OF_STOCK')`;

interface Row {
  list: string;
  id: string;
  slug: string;
  name: string;
  brand: string;
  price: number;
  listPrice: number;
  discountRate: number;
  rating: number | null;
  reviewCount: number;
  salesCount: number;
  createdAt: Date;
  active: boolean;
  categorySlug: string;
  hash: string;
  width: number;
  height: number;
  color: string;
  alt: string;
}

/** A part of `chosen`: the first products of `ids`, a query for `id` in its own order, under the name of a list. */
export const listOf = (name: string, ids: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`SELECT ${name} AS list, row_number() OVER () AS place, id FROM (${ids}) AS ${Prisma.raw(`"${name}"`)}`;

/** The summaries of the lists that `chosen` is the union of, each in its order. */
export async function readSummaries(
  database: Database,
  chosen: Prisma.Sql,
): Promise<Map<string, ProductSummary[]>> {
  const rows = await database.$queryRaw<Row[]>`
    WITH chosen AS (${chosen})
    SELECT chosen.list, product.id, product.slug, product.name, product.brand, product.price,
           product.list_price AS "listPrice", product.discount_rate AS "discountRate",
           product.rating::float8 AS rating, product.review_count AS "reviewCount",
           product.sales_count AS "salesCount", product.created_at AS "createdAt",
           product.status = 'ACTIVE' AS active, category.slug AS "categorySlug",
           image.hash, image.width, image.height, image.color, cover.alt
    FROM chosen
    JOIN products product ON product.id = chosen.id
    JOIN categories category ON category.id = product.category_id
    JOIN LATERAL (
      SELECT image_hash, alt FROM product_images WHERE product_id = product.id ORDER BY position LIMIT 1
    ) cover ON true
    JOIN images image ON image.hash = cover.image_hash
    ORDER BY chosen.list, chosen.place`;
  const now = new Date();
  const lists = new Map<string, ProductSummary[]>();
  for (const row of rows) {
    const list = lists.get(row.list) ?? [];
    list.push(toSummary(row, now));
    lists.set(row.list, list);
  }
  return lists;
}

const toSummary = (row: Row, now: Date): ProductSummary => ({
  id: row.id,
  slug: row.slug,
  name: row.name,
  brand: row.brand,
  price: row.price,
  listPrice: row.listPrice,
  discountRate: row.discountRate,
  rating: row.rating,
  reviewCount: row.reviewCount,
  status: row.active ? 'ACTIVE' : 'OUT_OF_STOCK',
  image: toImage(row, row.alt),
  categorySlug: row.categorySlug,
  badges: badgesOf(row, now),
});
