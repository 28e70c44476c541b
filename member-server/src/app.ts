import { trustAuthServer, USER_AUDIENCE } from '@doa-market/common/auth';
import { databaseDependency } from '@doa-market/common/database';
import { createServiceClient } from '@doa-market/common/http';
import { createLogger } from '@doa-market/common/logging';
import { createMetrics } from '@doa-market/common/metrics';
import { connectRedis, createRedis, redisDependency } from '@doa-market/common/redis';
import { type App, createApp } from '@doa-market/common/server';
import { createMerge } from './cart/merge.ts';
import { cartRoutes } from './cart/routes.ts';
import { createCarts } from './cart/service.ts';
import { createCartStore } from './cart/store.ts';
import type { Config } from './config.ts';
import { credentialsRoutes } from './credentials/routes.ts';
import { createDatabase } from './database.ts';
import { createMemberRepository } from './member/repository.ts';
import { memberRoutes } from './member/routes.ts';
import { createPersonalData } from './personal-data/index.ts';
import { createCatalogue } from './upstream/catalogue.ts';

export const SERVER_NAME = 'member-server';

/** Milliseconds: a cart is shown without prices sooner than late. */
const CATALOGUE_TIMEOUT = 1_000;

/** The whole server without its socket: tests build the same one. */
export async function buildApp(config: Config): Promise<App> {
  const logger = createLogger({ name: SERVER_NAME, level: config.LOG_LEVEL });
  const metrics = createMetrics(SERVER_NAME);
  const database = createDatabase(config.DATABASE_URL);
  const personalData = createPersonalData(config);
  const redis = createRedis(config.REDIS_URL, { name: SERVER_NAME, logger });
  await connectRedis(redis);
  const authServer = trustAuthServer(config, [USER_AUDIENCE, SERVER_NAME]);
  const productServer = createServiceClient({
    name: 'product-server',
    baseUrl: config.PRODUCT_SERVICE_URL,
    timeout: Math.min(config.REQUEST_TIMEOUT, CATALOGUE_TIMEOUT),
    metrics,
  });

  const app = await createApp({
    name: SERVER_NAME,
    description: 'Members: who they are, their carts, and the hashes of their passwords.',
    logger,
    metrics,
    verifyToken: authServer.verifyToken,
    dependencies: [
      databaseDependency(database),
      authServer.dependency,
      { ...redisDependency(redis), required: false },
      { ...productServer, required: false },
    ],
  });
  app.addHook('onClose', async () => {
    redis.disconnect();
    await productServer.close();
    await database.$disconnect();
  });

  const members = createMemberRepository(database, personalData);
  await app.register(memberRoutes, { prefix: '/api', members });
  await app.register(credentialsRoutes, { prefix: '/internal', members });

  const catalogue = createCatalogue(productServer, logger);
  const cartStore = createCartStore(redis);
  const merge = createMerge(cartStore, catalogue);
  const carts = createCarts({ store: cartStore, catalogue, merge });
  await app.register(cartRoutes, { prefix: '/api', carts, verifyToken: authServer.verifyToken });
  return app;
}
