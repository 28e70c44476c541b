import { trustAuthServer, USER_AUDIENCE } from '@doa-market/common/auth';
import { CATALOGUE_STREAM } from '@doa-market/common/contracts';
import { databaseDependency } from '@doa-market/common/database';
import { isCatalogueEvent } from '@doa-market/common/events';
import { startJobs } from '@doa-market/common/lifecycle';
import { createLogger } from '@doa-market/common/logging';
import { createMetrics } from '@doa-market/common/metrics';
import { createOutbox } from '@doa-market/common/outbox';
import { connectRedis, createRedis, redisDependency } from '@doa-market/common/redis';
import { type App, createApp } from '@doa-market/common/server';
import { createBannerRepository } from './banner/repository.ts';
import { bannerRoutes } from './banner/routes.ts';
import { createBannerService } from './banner/service.ts';
import { bannerWriteRoutes } from './banner/write-routes.ts';
import { createCategoryRepository } from './category/repository.ts';
import { categoryRoutes } from './category/routes.ts';
import { createCategoryService } from './category/service.ts';
import { categoryWriteRoutes } from './category/write-routes.ts';
import type { Config } from './config.ts';
import { createImports } from './csv/imports.ts';
import { csvRoutes } from './csv/routes.ts';
import { createImportWorker } from './csv/worker.ts';
import { createDatabase } from './database.ts';
import { createEventRepository } from './event/repository.ts';
import { eventRoutes } from './event/routes.ts';
import { createSeatMaps } from './event/seat-map.ts';
import { createIdempotency } from './idempotency/service.ts';
import { createImageStore } from './image/create-store.ts';
import { imageRoutes } from './image/routes.ts';
import { createImageService } from './image/service.ts';
import { imageUploadRoutes } from './image/upload-routes.ts';
import { createInventory } from './inventory/inventory.ts';
import { holdRoutes } from './inventory/routes.ts';
import { outboxRoutes } from './outbox/routes.ts';
import { createProductRepository } from './product/repository.ts';
import { productRoutes } from './product/routes.ts';
import { foldSales } from './product/sales.ts';
import { createProductService } from './product/service.ts';
import { productWriteRoutes } from './product/write-routes.ts';
import { createReviews } from './review/reviews.ts';
import { reviewRoutes } from './review/routes.ts';
import { createSearchRepository } from './search/repository.ts';
import { searchRoutes } from './search/routes.ts';
import { createShelfRepository } from './shelf/repository.ts';
import { shelfRoutes } from './shelf/routes.ts';
import { createSkuRepository } from './sku/repository.ts';
import { skuRoutes } from './sku/routes.ts';
import { createViewCounter } from './view/counter.ts';
import { flushViews } from './view/flush.ts';
import { viewRoutes } from './view/routes.ts';

export const SERVER_NAME = 'product-server';

/** The whole server without its socket: tests build the same one. */
export async function buildApp(config: Config): Promise<App> {
  const logger = createLogger({ name: SERVER_NAME, level: config.LOG_LEVEL });
  const metrics = createMetrics(SERVER_NAME);
  const database = createDatabase(config.DATABASE_URL);
  const redis = createRedis(config.REDIS_URL, { name: SERVER_NAME, logger });
  await connectRedis(redis);
  const authServer = trustAuthServer(config, [USER_AUDIENCE, SERVER_NAME], { redis, logger });
  const idempotency = createIdempotency(database);
  const images = createImageStore(config);
  const products = createProductService({ database, idempotency });
  const imports = createImports({ database, idempotency });
  const importWorker = createImportWorker({ database, products, logger });
  const reviews = createReviews({ config, database, idempotency, metrics });

  const app = await createApp({
    name: SERVER_NAME,
    description: 'The catalogue: categories, products, options, stock, banners and their images.',
    logger,
    metrics,
    verifyToken: authServer.verifyToken,
    dependencies: [
      databaseDependency(database),
      authServer.dependency,
      reviews.dependency,
      { ...redisDependency(redis), required: false },
    ],
  });
  const outbox = createOutbox({
    ...{ name: SERVER_NAME, stream: CATALOGUE_STREAM, isEvent: isCatalogueEvent },
    ...{ database, databaseUrl: config.DATABASE_URL, redis, logger, metrics },
  });
  // A server that nobody can reach, as in most tests, sends nothing either.
  app.addHook('onListen', async () => outbox.start());
  const inventory = createInventory(database, redis);
  const jobs = startJobs(
    [
      { name: 'take back what has expired', every: 1_000, run: () => inventory.sweep() },
      { name: 'forget holds', every: 3_600_000, run: () => inventory.forget() },
      { name: 'fold sales', every: 1_000, run: () => foldSales(database).then(() => 0) },
      ...reviews.jobs,
      { name: 'flush views', every: 5_000, run: () => flushViews(database, redis).then(() => 0) },
      { name: 'forget idempotency keys', every: 600_000, run: () => idempotency.sweep() },
      { name: 'import products', every: 1_000, run: () => importWorker.run() },
      { name: 'forget imports', every: 3_600_000, run: () => imports.sweep() },
    ],
    logger,
  );
  app.addHook('onClose', async () => {
    importWorker.stop();
    await jobs.stop();
    await outbox.close();
    await reviews.close();
    images.close();
    redis.disconnect();
    await database.$disconnect();
  });

  await app.register(
    async (api) => {
      const categories = createCategoryRepository(database);
      await api.register(categoryRoutes, { categories });
      await api.register(categoryWriteRoutes, {
        categories: createCategoryService({ database, idempotency }),
      });
      await api.register(productRoutes, { products: createProductRepository(database, categories) });
      await api.register(productWriteRoutes, { products });
      await api.register(csvRoutes, { database, imports });
      await api.register(searchRoutes, { repository: createSearchRepository(database) });
      await api.register(reviewRoutes, { reviews: reviews.service });
      await api.register(shelfRoutes, { shelves: createShelfRepository(database) });
      await api.register(viewRoutes, { views: createViewCounter(redis) });
      await api.register(skuRoutes, { skus: createSkuRepository(database) });
      await api.register(bannerRoutes, { banners: createBannerRepository(database) });
      await api.register(bannerWriteRoutes, { banners: createBannerService({ database, idempotency }) });
      await api.register(imageRoutes, { images });
      await api.register(imageUploadRoutes, { images: createImageService({ database, images }) });
    },
    { prefix: '/api/v1' },
  );
  await app.register(outboxRoutes, { prefix: '/internal/v1', database });
  const shows = { events: createEventRepository(database), seatMaps: createSeatMaps(database) };
  await app.register(eventRoutes, { ...shows, prefix: '/api/v1' });
  await app.register(eventRoutes, { ...shows, prefix: '/api', hide: true });
  await app.register(holdRoutes, { prefix: '/internal/v1', holds: inventory.holds, events: shows.events });
  return app;
}
