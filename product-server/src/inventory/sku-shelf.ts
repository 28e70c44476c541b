import { Prisma } from '../generated/prisma/client.ts';
import { addedUp } from './demand.ts';
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

/** The demand as a relation whose rows of `skus` are locked, in the order of their ids. */
function lockedDemand(lines: readonly Line[]): Prisma.Sql {
  const demand = addedUp(lines);
  return Prisma.sql`
    WITH demand AS MATERIALIZED (
      SELECT sku.id, wanted.quantity
      FROM unnest(${demand.map(({ id }) => id)}::uuid[], ${demand.map(({ quantity }) => quantity)}::int[])
        AS wanted(id, quantity)
      JOIN skus sku ON sku.id = wanted.id
      ORDER BY sku.id
      FOR NO KEY UPDATE OF sku)`;
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
    const taken = await tx.$executeRaw`${lockedDemand(lines)}
      UPDATE skus SET held = skus.held + demand.quantity FROM demand
      WHERE skus.id = demand.id AND skus.on_hand - skus.held >= demand.quantity`;
    return taken === addedUp(lines).length;
  },

  async giveBack(tx, lines): Promise<void> {
    await tx.$executeRaw`${lockedDemand(lines)}
      UPDATE skus SET held = skus.held - demand.quantity FROM demand WHERE skus.id = demand.id`;
  },

  async sell(tx, lines): Promise<void> {
    await tx.$executeRaw`${lockedDemand(lines)}
      UPDATE skus SET on_hand = skus.on_hand - demand.quantity, held = skus.held - demand.quantity
      FROM demand WHERE skus.id = demand.id`;
  },

  async sellFree(tx, lines): Promise<boolean> {
    const sold = await tx.$executeRaw`${lockedDemand(lines)}
      UPDATE skus SET on_hand = skus.on_hand - demand.quantity FROM demand
      WHERE skus.id = demand.id AND skus.on_hand - skus.held >= demand.quantity`;
    return sold === addedUp(lines).length;
  },
};

const toSeen = ({ id, price, available, productId, slug, version, categorySlug }: Row): Seen => ({
  id,
  price,
  available,
  change: {
    eventType: 'product.changed',
    aggregateType: 'product',
    aggregateId: productId,
    version,
    payload: { slug, categorySlugs: [categorySlug], aspects: ['stock'] },
  },
});
