import type { NewReview, ReviewChanges, ReviewQuery } from '@doa-market/common/contracts';
import type { Database, Transaction } from '../database.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { ReviewModel } from '../generated/prisma/models.ts';
import { isId } from '../product/id.ts';
import { LISTED } from '../product/status.ts';
import type { HighlightRow, Stars } from './presentation.ts';

const ORDERS = {
  newest: [{ id: 'desc' }],
  rating: [{ rating: 'desc' }, { id: 'desc' }],
} satisfies Record<ReviewQuery['sort'], Prisma.ReviewOrderByWithRelationInput[]>;

interface RatedProduct {
  id: string;
  ones: number;
  twos: number;
  threes: number;
  fours: number;
  fives: number;
}

export function createReviewRepository(database: Database) {
  return {
    /** A listed product with its ratings; undefined where there is none. */
    async findProduct(idOrSlug: string): Promise<{ id: string; stars: Stars } | undefined> {
      const named = isId(idOrSlug) ? Prisma.sql`id = ${idOrSlug}::uuid` : Prisma.sql`slug = ${idOrSlug}`;
      const [row] = await database.$queryRaw<RatedProduct[]>`
        SELECT id, coalesce(ones, 0) AS ones, coalesce(twos, 0) AS twos, coalesce(threes, 0) AS threes,
               coalesce(fours, 0) AS fours, coalesce(fives, 0) AS fives
        FROM products LEFT JOIN product_ratings ON product_id = id
        WHERE ${named} AND status::text = ANY(${LISTED})`;
      return row && { id: row.id, stars: [row.ones, row.twos, row.threes, row.fours, row.fives] };
    },

    /** The published reviews of a product after the cursor, one more than asked for if there are more. */
    listPublished(productId: string, { sort, cursor, limit }: ReviewQuery): Promise<ReviewModel[]> {
      return database.review.findMany({
        where: { productId, status: 'PUBLISHED', ...(cursor !== undefined && after(sort, cursor)) },
        orderBy: ORDERS[sort],
        take: limit + 1,
      });
    },

    /** The latest published reviews of listed products, one of each product at most. */
    listLatest(limit: number): Promise<HighlightRow[]> {
      return database.$queryRaw<HighlightRow[]>`
        WITH latest AS (
          SELECT DISTINCT ON (product_id) * FROM (
            SELECT * FROM reviews WHERE status = 'PUBLISHED' ORDER BY id DESC LIMIT ${10 * limit}
          ) recent ORDER BY product_id, id DESC
        )
        SELECT review.id, review.product_id AS "productId", review.member_id AS "memberId", review.author,
               review.rating, review.title, review.body, review.status::text,
               review.created_at AS "createdAt", review.updated_at AS "updatedAt",
               product.slug, product.name, image.hash, image.width, image.height, image.color, cover.alt
        FROM latest review
        JOIN products product ON product.id = review.product_id
        JOIN LATERAL (
          SELECT image_hash, alt FROM product_images WHERE product_id = product.id ORDER BY position LIMIT 1
        ) cover ON true
        JOIN images image ON image.hash = cover.image_hash
        WHERE product.status::text = ANY(${LISTED})
        ORDER BY review.id DESC LIMIT ${limit}`;
    },

    findOwn: (productId: string, memberId: string): Promise<ReviewModel | null> =>
      database.review.findUnique({ where: { productId_memberId: { productId, memberId } } }),

    create: (
      productId: string,
      memberId: string,
      review: NewReview,
      tx: Transaction = database,
    ): Promise<ReviewModel> => tx.review.create({ data: { ...review, productId, memberId } }),

    /** Null where it is not the member's own. */
    async update(id: string, memberId: string, changes: ReviewChanges): Promise<ReviewModel | null> {
      const [row] = await database.review.updateManyAndReturn({ where: { id, memberId }, data: changes });
      return row ?? null;
    },

    /** What is hidden stays as an empty row: whoever deletes it may not write it again. @returns whether it was there */
    async remove(id: string, memberId: string): Promise<boolean> {
      const removed = await database.review.deleteMany({ where: { id, memberId, status: 'PUBLISHED' } });
      if (removed.count > 0) return true;
      const emptied = await database.review.updateMany({
        where: { id, memberId },
        data: { title: '', body: '', author: '' },
      });
      return emptied.count > 0;
    },

    async setStatus(id: string, status: ReviewModel['status']): Promise<ReviewModel | null> {
      const [row] = await database.review.updateManyAndReturn({ where: { id }, data: { status } });
      return row ?? null;
    },
  };
}
export type ReviewRepository = ReturnType<typeof createReviewRepository>;

function after(sort: ReviewQuery['sort'], cursor: string): Prisma.ReviewWhereInput {
  const rating = Number(cursor.slice(0, 1));
  const id = cursor.slice(2);
  if (sort === 'newest') return { id: { lt: id } };
  return { OR: [{ rating: { lt: rating } }, { rating, id: { lt: id } }] };
}
