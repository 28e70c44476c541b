import { fileURLToPath } from 'node:url';
import { loadConfig } from '@doa-market/common/config';
import { temporaryDatabase } from '@doa-market/scripts/testing';
import { buildApp } from '../../../product-server/src/app.ts';
import { ConfigSchema } from '../../../product-server/src/config.ts';
import { createFixtures } from '../../../product-server/test/fixtures.ts';

const MIGRATIONS = fileURLToPath(new URL('../../../product-server/prisma/migrations', import.meta.url));

/** The real product-server on a port of its own, with a catalogue that a test fills. */
export async function startCatalogue() {
  const store = await temporaryDatabase(MIGRATIONS);
  const fixtures = createFixtures(store.url);
  const { database } = fixtures;
  await fixtures.category('living', 0);
  const app = await buildApp(loadConfig(ConfigSchema, { LOG_LEVEL: 'silent', DATABASE_URL: store.url }));
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  let count = 0;

  return {
    url,
    /** For a server that asks it, and waits although the machine may be busy. */
    env: { PRODUCT_SERVICE_URL: url, CATALOGUE_TIMEOUT: '15000' },
    /** A product of one price with one SKU that has `stock` units. */
    async sell(stock: number, price = 10_000): Promise<{ productId: string; skuId: string }> {
      count += 1;
      const { id } = await fixtures.product({ slug: `product-${count}`, price });
      const [first, second] = await database.sku.findMany({
        where: { productId: id },
        orderBy: { position: 'asc' },
      });
      if (!first || !second) throw new Error('a product of the fixtures has two SKUs');
      await database.sku.delete({ where: { id: second.id } });
      await database.sku.update({ where: { id: first.id }, data: { onHand: stock, held: 0 } });
      return { productId: id, skuId: first.id };
    },
    stock: (skuId: string, stock: number) =>
      database.sku.update({ where: { id: skuId }, data: { onHand: stock, held: 0 } }),
    hide: (productId: string) =>
      database.product.update({ where: { id: productId }, data: { status: 'HIDDEN' } }),
    async close() {
      await app.close();
      await fixtures.close();
      await store.drop();
    },
  };
}
export type RunningCatalogue = Awaited<ReturnType<typeof startCatalogue>>;
