import type { Database } from '../database.ts';
import { recordEvents } from '../outbox/record.ts';
import { mayFold } from '../product/folding.ts';

/** Changes of reviews that one run takes. */
const BATCH = 5_000;

interface Folded {
  id: string;
  slug: string;
  version: number;
  categorySlug: string;
}

/**
 * Folds what has changed of reviews into the ratings of their products, and tells the others once for each product,
 * however many reviews that were. One instance at a time, oldest first: a review's end never comes before its beginning.
 */
export async function foldRatings(database: Database): Promise<void> {
  await database.$transaction(async (tx) => {
    if (!(await mayFold(tx))) return;
    const products = await tx.$queryRaw<Folded[]>`
      WITH taken AS (
        DELETE FROM rating_changes WHERE id IN (SELECT id FROM rating_changes ORDER BY id LIMIT ${BATCH})
        RETURNING product_id, rating, delta
      ), sums AS (
        SELECT product_id,
               coalesce(sum(delta) FILTER (WHERE rating = 1), 0)::int AS ones,
               coalesce(sum(delta) FILTER (WHERE rating = 2), 0)::int AS twos,
               coalesce(sum(delta) FILTER (WHERE rating = 3), 0)::int AS threes,
               coalesce(sum(delta) FILTER (WHERE rating = 4), 0)::int AS fours,
               coalesce(sum(delta) FILTER (WHERE rating = 5), 0)::int AS fives
        FROM taken WHERE EXISTS (SELECT FROM products WHERE id = product_id)
        GROUP BY product_id
      ), counted AS (
        MERGE INTO product_ratings known USING sums ON known.product_id = sums.product_id
        WHEN MATCHED THEN UPDATE SET
          ones = known.ones + sums.ones, twos = known.twos + sums.twos, threes = known.threes + sums.threes,
          fours = known.fours + sums.fours, fives = known.fives + sums.fives
        WHEN NOT MATCHED THEN INSERT (product_id, ones, twos, threes, fours, fives)
          VALUES (sums.product_id, sums.ones, sums.twos, sums.threes, sums.fours, sums.fives)
        RETURNING known.product_id, known.ones + known.twos + known.threes + known.fours + known.fives AS count,
                  known.ones + 2 * known.twos + 3 * known.threes + 4 * known.fours + 5 * known.fives AS points
      )
      UPDATE products product
      SET review_count = counted.count, rating = round(counted.points::numeric / nullif(counted.count, 0), 1)
      FROM counted, categories category
      WHERE product.id = counted.product_id AND category.id = product.category_id
      RETURNING product.id, product.slug, product.version, category.slug AS "categorySlug"`;
    await recordEvents(
      tx,
      products.map(({ id, slug, version, categorySlug }) => ({
        eventType: 'product.changed',
        aggregateType: 'product',
        aggregateId: id,
        version,
        payload: { slug, categorySlugs: [categorySlug], aspects: ['rating'] },
      })),
    );
  });
}
