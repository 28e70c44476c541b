import type { Database } from '../database.ts';
import { mayFold } from './folding.ts';

/** Sales that one run takes. */
const BATCH = 5_000;

/**
 * Folds what was sold, and what came back, into the numbers that best sellers are ranked by. Nobody is told: lists that
 * are kept somewhere are in the new order when they are read again.
 */
export async function foldSales(database: Database): Promise<void> {
  await database.$transaction(async (tx) => {
    if (!(await mayFold(tx))) return;
    await tx.$executeRaw`
      WITH taken AS (
        DELETE FROM sales_changes WHERE id IN (SELECT id FROM sales_changes ORDER BY id LIMIT ${BATCH})
        RETURNING product_id, units
      ), sums AS (
        SELECT product_id, sum(units)::int AS units FROM taken GROUP BY product_id
      )
      UPDATE products SET sales_count = greatest(0, sales_count + sums.units)
      FROM sums WHERE products.id = sums.product_id AND sums.units <> 0`;
  });
}
