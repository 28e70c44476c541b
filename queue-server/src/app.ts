import { trustAuthServer, USER_AUDIENCE } from '@doa-market/common/auth';
import { ORDER_STREAM } from '@doa-market/common/contracts';
import { databaseDependency } from '@doa-market/common/database';
import { isOrderEvent } from '@doa-market/common/events';
import { type Jobs, startJobs } from '@doa-market/common/lifecycle';
import { createLogger } from '@doa-market/common/logging';
import { createMetrics } from '@doa-market/common/metrics';
import { createOutbox } from '@doa-market/common/outbox';
import { connectRedis, createAnyRedis, createRedis, redisDependency } from '@doa-market/common/redis';
import { type App, createApp } from '@doa-market/common/server';
import { checkoutRoutes } from './checkout/routes.ts';
import type { Config } from './config.ts';
import { createConsumer } from './consumer/consumer.ts';
import { createDatabase } from './database.ts';
import { createFollowUp } from './fulfilment/follow-up.ts';
import { createFulfilment } from './fulfilment/fulfilment.ts';
import { createRecovery } from './fulfilment/recovery.ts';
import { createInventory } from './inventory/client.ts';
import { createLedgerWatch } from './ledger/watch.ts';
import { createOrdering } from './order/ordering.ts';
import { createOrderRepository } from './order/repository.ts';
import { orderRoutes } from './order/routes.ts';
import { createPayments } from './payment/payments.ts';
import { paymentRoutes } from './payment/routes.ts';
import { paymentWebhookRoutes } from './payment/webhook-routes.ts';
import { createPurchaseRepository } from './purchase/repository.ts';
import { purchaseRoutes } from './purchase/routes.ts';
import { reservationRoutes } from './reservation/routes.ts';
import { durably } from './steps.ts';
import { createUpstreams } from './upstream/clients.ts';
import { createMembers } from './upstream/members.ts';
import { queueRoutes, roomRoutes } from './waiting-room/routes.ts';
import { statsRoutes } from './waiting-room/stats-routes.ts';
import { createWaitingRoom } from './waiting-room/waiting-room.ts';

export const SERVER_NAME = 'queue-server';

/** Whoever waits comes again and again: all of a very full room, some 120 MB of them, are verified once. */
const REMEMBERED_TOKENS = 200_000;

/** The whole server without its socket: tests build the same one. */
export async function buildApp(config: Config): Promise<App> {
  const logger = createLogger({ name: SERVER_NAME, level: config.LOG_LEVEL });
  const metrics = createMetrics(SERVER_NAME);
  const database = createDatabase(config.DATABASE_URL);
  const redis = createRedis(config.REDIS_URL, { name: SERVER_NAME, logger });
  await connectRedis(redis);
  // Its own connection: what hangs there must not keep anything else waiting, nor the other way round.
  const roomRedis = createAnyRedis(config.WAITING_ROOM_REDIS_URL ?? config.REDIS_URL, {
    ...{ name: `${SERVER_NAME}/waiting-room`, logger },
  });
  await connectRedis(roomRedis);
  const audience = [USER_AUDIENCE, SERVER_NAME];
  const authServer = trustAuthServer(config, audience, { redis, logger, capacity: REMEMBERED_TOKENS });

  const upstreams = createUpstreams(config, metrics);

  const app = await createApp({
    name: SERVER_NAME,
    description: 'The waiting room, reservations, orders and payments.',
    logger,
    metrics,
    verifyToken: authServer.verifyToken,
    dependencies: [
      databaseDependency(database),
      authServer.dependency,
      { ...redisDependency(redis), required: false },
      { ...redisDependency(roomRedis), name: 'waiting-room', required: false },
      ...upstreams.dependencies,
    ],
  });
  const outbox = createOutbox({
    ...{ name: SERVER_NAME, stream: ORDER_STREAM, isEvent: isOrderEvent },
    ...{ database, databaseUrl: config.DATABASE_URL, redis, logger, metrics },
    around: (write) => durably('relay', write),
  });
  const inventory = createInventory(upstreams.productServer);
  const orders = createOrderRepository(database);
  const waitingRoom = createWaitingRoom({ redis: roomRedis, inventory, logger, metrics });
  const { queue, rooms, grants, pictures } = waitingRoom;
  const ordering = createOrdering({ config, database, orders, inventory, upstreams, grants, logger });
  const payments = createPayments({ config, database, inventory, orders, metrics, logger });
  const members = createMembers(upstreams.memberServer);
  const followUp = createFollowUp({ members, grants });
  const { refunds } = payments;
  const fulfilment = createFulfilment({ database, orders, inventory, refunds, followUp });
  const recover = createRecovery({ database, fulfilment, logger, metrics });
  const consumer = createConsumer({
    ...{ config, database, logger, metrics },
    handle: (event, mark) => fulfilment.advance(event.aggregateId, mark),
  });
  const jobs = [
    { name: 'bring orders to their end', every: 2_000, run: recover },
    ...ordering.jobs,
    ...payments.jobs,
    ...consumer.jobs,
    createLedgerWatch(database, metrics, logger),
  ];
  let atWork: Jobs | undefined;
  // A server that nobody can reach, as in most tests, does nothing by itself: it sends no events and lets nobody in.
  app.addHook('onListen', async () => {
    outbox.start();
    waitingRoom.start();
    atWork = startJobs(jobs, logger);
    await consumer.start();
  });
  app.addHook('onClose', async () => {
    await Promise.all([waitingRoom.stop(), atWork?.stop(), consumer.close(), outbox.close()]);
    await Promise.all([upstreams.close(), payments.close()]);
    roomRedis.disconnect();
    redis.disconnect();
    await database.$disconnect();
  });

  await app.register(queueRoutes, { prefix: '/api', queue });
  await app.register(roomRoutes, { prefix: '/api', rooms });
  await app.register(statsRoutes, { prefix: '/api', pictures });
  await app.register(reservationRoutes, { prefix: '/api', reservations: ordering.reservations });
  await app.register(checkoutRoutes, { prefix: '/api', checkout: ordering.checkout });
  await app.register(orderRoutes, { prefix: '/api', orders: ordering.service });
  await app.register(paymentRoutes, { prefix: '/api', payments: payments.service });
  await app.register(paymentWebhookRoutes, { prefix: '/api', ...payments });
  await app.register(purchaseRoutes, {
    prefix: '/internal/v1',
    purchases: createPurchaseRepository(database),
  });
  return app;
}
