import { trustAuthServer, USER_AUDIENCE } from '@doa-market/common/auth';
import { ORDER_STREAM } from '@doa-market/common/contracts';
import { databaseDependency } from '@doa-market/common/database';
import { isOrderEvent } from '@doa-market/common/events';
import { createLogger } from '@doa-market/common/logging';
import { createMetrics } from '@doa-market/common/metrics';
import { createOutbox } from '@doa-market/common/outbox';
import { connectRedis, createRedis, redisDependency } from '@doa-market/common/redis';
import { type App, createApp } from '@doa-market/common/server';
import type { Config } from './config.ts';
import { createDatabase } from './database.ts';
import { createOrderRepository } from './order/repository.ts';
import { orderRoutes } from './order/routes.ts';
import { createPurchaseRepository } from './purchase/repository.ts';
import { purchaseRoutes } from './purchase/routes.ts';
import { durably } from './steps.ts';
import { queueRoutes, roomRoutes } from './waiting-room/routes.ts';
import { createWaitingRoom } from './waiting-room/waiting-room.ts';

export const SERVER_NAME = 'queue-server';

/** The whole server without its socket: tests build the same one. */
export async function buildApp(config: Config): Promise<App> {
  const logger = createLogger({ name: SERVER_NAME, level: config.LOG_LEVEL });
  const metrics = createMetrics(SERVER_NAME);
  const database = createDatabase(config.DATABASE_URL);
  const redis = createRedis(config.REDIS_URL, { name: SERVER_NAME, logger });
  await connectRedis(redis);
  const authServer = trustAuthServer(config, [USER_AUDIENCE, SERVER_NAME], { redis, logger });

  const app = await createApp({
    name: SERVER_NAME,
    description: 'Orders; the waiting room, reservations and payments will live here.',
    logger,
    metrics,
    verifyToken: authServer.verifyToken,
    dependencies: [
      databaseDependency(database),
      authServer.dependency,
      { ...redisDependency(redis), required: false },
    ],
  });
  const outbox = createOutbox({
    ...{ name: SERVER_NAME, stream: ORDER_STREAM, isEvent: isOrderEvent },
    ...{ database, databaseUrl: config.DATABASE_URL, redis, logger, metrics },
    around: (write) => durably('relay', write),
  });
  // A server that nobody can reach, as in most tests, sends nothing either.
  app.addHook('onListen', async () => outbox.start());
  app.addHook('onClose', async () => {
    await outbox.close();
    redis.disconnect();
    await database.$disconnect();
  });

  const { queue, rooms } = createWaitingRoom({ redis });
  await app.register(queueRoutes, { prefix: '/api', queue });
  await app.register(roomRoutes, { prefix: '/api', rooms });
  await app.register(orderRoutes, { prefix: '/api', orders: createOrderRepository(database) });
  await app.register(purchaseRoutes, {
    prefix: '/internal/v1',
    purchases: createPurchaseRepository(database),
  });
  return app;
}
