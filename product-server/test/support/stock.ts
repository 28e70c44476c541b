import { randomUUID } from 'node:crypto';
import { createFixtures } from '../fixtures.ts';

/** A product with one SKU for each number of units on hand. */
export function createStock(url: string) {
  const fixtures = createFixtures(url);
  const { database } = fixtures;
  let prepared: Promise<unknown> | undefined;

  return {
    database,
    /** Ids of new SKUs of a new product, in the order of their ids. */
    async skus(...units: number[]): Promise<string[]> {
      prepared ??= fixtures.category('living', 0);
      await prepared;
      const slug = `stock-${randomUUID()}`;
      const product = await fixtures.product({ slug });
      await database.sku.deleteMany({ where: { productId: product.id } });
      const ids: string[] = [];
      for (const [position, onHand] of units.entries()) {
        const data = {
          code: `${slug}-${position}`,
          productId: product.id,
          position,
          values: [],
          price: 1_000,
        };
        ids.push((await database.sku.create({ data: { ...data, onHand } })).id);
      }
      return ids;
    },
    /** `[on hand, held]` of each. */
    async of(ids: readonly string[]): Promise<[number, number][]> {
      const rows = await database.sku.findMany({ where: { id: { in: [...ids] } } });
      const found = new Map(rows.map(({ id, onHand, held }) => [id, [onHand, held] as [number, number]]));
      return ids.map((id) => found.get(id) ?? [Number.NaN, Number.NaN]);
    },
    /** Lets time pass for all holds, without waiting. */
    async pass(seconds: number): Promise<void> {
      await database.$executeRaw`UPDATE holds SET expires_at = expires_at - make_interval(secs => ${seconds})`;
    },
    close: fixtures.close,
  };
}
export type Stock = ReturnType<typeof createStock>;
