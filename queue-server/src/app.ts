import { trustAuthServer, USER_AUDIENCE } from '@doa-market/common/auth';
import { databaseDependency } from '@doa-market/common/database';
import { createLogger } from '@doa-market/common/logging';
import { createMetrics } from '@doa-market/common/metrics';
import { connectRedis, createRedis, redisDependency } from '@doa-market/common/redis';
import { type App, createApp } from '@doa-market/common/server';
import type { Config } from './config.ts';
import { createDatabase } from './database.ts';
import { createOrderRepository } from './order/repository.ts';
import { orderRoutes } from './order/routes.ts';
import { createPurchaseRepository } from './purchase/repository.ts';
import { purchaseRoutes } from './purchase/routes.ts';

export const SERVER_NAME = 'queue-server';

/** The whole server without its socket: tests build the same one. */
export async function buildApp(config: Config): Promise<App> {
  const logger = createLogger({ name: SERVER_NAME, level: config.LOG_LEVEL });
  const database = createDatabase(config.DATABASE_URL);
  const redis = createRedis(config.REDIS_URL, { name: SERVER_NAME, logger });
  await connectRedis(redis);
  const authServer = trustAuthServer(config, [USER_AUDIENCE, SERVER_NAME], { redis, logger });

  const app = await createApp({
    name: SERVER_NAME,
    description: 'Orders; the waiting room, reservations and payments will live here.',
    logger,
    metrics: createMetrics(SERVER_NAME),
    verifyToken: authServer.verifyToken,
    dependencies: [
      databaseDependency(database),
      authServer.dependency,
      { ...redisDependency(redis), required: false },
    ],
  });
  app.addHook('onClose', async () => {
    redis.disconnect();
    await database.$disconnect();
  });

  await app.register(orderRoutes, { prefix: '/api', orders: createOrderRepository(database) });
  await app.register(purchaseRoutes, {
    prefix: '/internal/v1',
    purchases: createPurchaseRepository(database),
  });
  return app;
}
