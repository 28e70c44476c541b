import type { Transaction } from '../database.ts';
import { Prisma } from '../generated/prisma/client.ts';
import { addedUp } from './demand.ts';
import { lockInOrder } from './lock.ts';
import type { Line, Seen, Shelf } from './shelf.ts';

interface Row {
  id: string;
  price: number;
  available: number;
  productId: string;
  slug: string;
  version: number;
  categorySlug: string;
}

/** So many of each, as a relation. */
function demandOf(lines: readonly Line[]): Prisma.Sql {
  const demand = addedUp(lines);
  const [ids, quantities] = [demand.map(({ id }) => id), demand.map(({ quantity }) => quantity)];
  return Prisma.sql`unnest(${ids}::uuid[], ${quantities}::int[]) AS demand(id, quantity)`;
}

/** Units of SKUs: `held` of the `on_hand` ones are put by. */
export const skuShelf: Shelf = {
  async look(tx, things): Promise<Seen[]> {
    const ids = things.map(({ id }) => id);
    const rows = await tx.$queryRaw<Row[]>`
      SELECT sku.id, sku.price,
             CASE WHEN product.status = 'ACTIVE' AND sku.deleted_at IS NULL THEN sku.on_hand - sku.held ELSE 0 END AS available,
             product.id AS "productId", product.slug, product.version, category.slug AS "categorySlug"
      FROM skus sku
      JOIN products product ON product.id = sku.product_id
      JOIN categories category ON category.id = product.category_id
      WHERE sku.id = ANY(${ids}::uuid[])
      ORDER BY sku.id`;
    return rows.map(toSeen);
  },

  async take(tx, lines): Promise<boolean> {
    await lockInOrder(tx, 'skus', lines);
    const taken = await tx.$executeRaw`
      UPDATE skus SET held = skus.held + demand.quantity FROM ${demandOf(lines)}
      WHERE skus.id = demand.id AND skus.on_hand - skus.held >= demand.quantity`;
    return taken === addedUp(lines).length;
  },

  async giveBack(tx, lines): Promise<void> {
    await lockInOrder(tx, 'skus', lines);
    await tx.$executeRaw`
      UPDATE skus SET held = skus.held - demand.quantity FROM ${demandOf(lines)} WHERE skus.id = demand.id`;
  },

  async sell(tx, lines): Promise<void> {
    await lockInOrder(tx, 'skus', lines);
    await counted(
      tx,
      Prisma.sql`
        UPDATE skus SET on_hand = skus.on_hand - demand.quantity, held = skus.held - demand.quantity
        FROM ${demandOf(lines)} WHERE skus.id = demand.id
        RETURNING skus.product_id, demand.quantity AS units`,
    );
  },

  async sellFree(tx, lines): Promise<boolean> {
    await lockInOrder(tx, 'skus', lines);
    const sold = await counted(
      tx,
      Prisma.sql`
        UPDATE skus SET on_hand = skus.on_hand - demand.quantity FROM ${demandOf(lines)}
        WHERE skus.id = demand.id AND skus.on_hand - skus.held >= demand.quantity
        RETURNING skus.product_id, demand.quantity AS units`,
    );
    return sold === addedUp(lines).length;
  },

  async takeBack(tx, lines): Promise<void> {
    await lockInOrder(tx, 'skus', lines);
    await counted(
      tx,
      Prisma.sql`
        UPDATE skus SET on_hand = skus.on_hand + demand.quantity FROM ${demandOf(lines)} WHERE skus.id = demand.id
        RETURNING skus.product_id, -demand.quantity AS units`,
    );
  },
};

/** Runs a sale, and notes it for the figures of its products. @returns of how many SKUs it was */
async function counted(tx: Transaction, sale: Prisma.Sql): Promise<number> {
  const [row] = await tx.$queryRaw<{ skus: number }[]>`
    WITH sold AS (${sale}), noted AS (
      INSERT INTO sales_changes (product_id, units)
      SELECT product_id, sum(units) FROM sold GROUP BY product_id
    )
    SELECT count(*)::int AS skus FROM sold`;
  return row?.skus ?? 0;
}

const toSeen = ({ id, price, available, productId, slug, version, categorySlug }: Row): Seen => ({
  id,
  price,
  available,
  place: null,
  change: {
    eventType: 'product.changed',
    aggregateType: 'product',
    aggregateId: productId,
    version,
    payload: { slug, categorySlugs: [categorySlug], aspects: ['stock'] },
  },
});
