import type { ProductSummary, Shelves } from '@doa-market/common/contracts';
import type { Database } from '../database.ts';
import { Prisma } from '../generated/prisma/client.ts';
import { isId } from '../product/id.ts';
import { IS_LISTED, listOf, readSummaries } from '../product/summaries.ts';

export function createShelfRepository(database: Database) {
  const shelf = (limit: number, order: Prisma.Sql, condition = Prisma.sql`true`) => Prisma.sql`
    SELECT id FROM products product WHERE ${IS_LISTED} AND ${condition} ORDER BY ${order}, id LIMIT ${limit}`;

  return {
    /** What sells best, what is new, and what is reduced most. */
    async list(limit: number): Promise<Shelves> {
      const chosen = [
        listOf('best', shelf(limit, Prisma.sql`sales_count DESC`)),
        listOf('newest', shelf(limit, Prisma.sql`created_at DESC`)),
        listOf('deals', shelf(limit, Prisma.sql`discount_rate DESC`, Prisma.sql`discount_rate > 0`)),
      ];
      const lists = await readSummaries(database, Prisma.join(chosen, ' UNION ALL '));
      const [best = [], newest = [], deals = []] = ['best', 'newest', 'deals'].map((name) => lists.get(name));
      return { best, newest, deals };
    },

    /** Best sellers of a product's own category, filled up with those of the whole shop; null without the product. */
    async listRelated(idOrSlug: string, limit: number): Promise<ProductSummary[] | null> {
      const [product] = await database.$queryRaw<{ id: string; categoryId: string }[]>`
        SELECT id, category_id AS "categoryId" FROM products product
        WHERE ${IS_LISTED} AND ${isId(idOrSlug) ? Prisma.sql`id = ${idOrSlug}::uuid` : Prisma.sql`slug = ${idOrSlug}`}`;
      if (!product) return null;
      const isOwn = Prisma.sql`category_id = ${product.categoryId}::uuid`;
      const isOther = Prisma.sql`id <> ${product.id}::uuid`;
      const best = Prisma.sql`sales_count DESC`;
      const chosen = [
        listOf('own', shelf(limit, best, Prisma.sql`${isOther} AND ${isOwn}`)),
        listOf('rest', shelf(limit, best, Prisma.sql`${isOther} AND NOT ${isOwn}`)),
      ];
      const lists = await readSummaries(database, Prisma.join(chosen, ' UNION ALL '));
      return [...(lists.get('own') ?? []), ...(lists.get('rest') ?? [])].slice(0, limit);
    },
  };
}
export type ShelfRepository = ReturnType<typeof createShelfRepository>;
