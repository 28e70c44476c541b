import { createServiceTokens, trustAuthServer, USER_AUDIENCE } from '@doa-market/common/auth';
import { databaseDependency } from '@doa-market/common/database';
import { createServiceClient } from '@doa-market/common/http';
import { startJobs } from '@doa-market/common/lifecycle';
import { createLogger } from '@doa-market/common/logging';
import { createMetrics } from '@doa-market/common/metrics';
import { connectRedis, createRedis, redisDependency } from '@doa-market/common/redis';
import { type App, createApp } from '@doa-market/common/server';
import { createAddressRepository } from './address/repository.ts';
import { addressRoutes } from './address/routes.ts';
import { createAddressService } from './address/service.ts';
import { adminRoutes } from './admin/routes.ts';
import { createAdminService } from './admin/service.ts';
import { createAgreementRepository } from './agreements/repository.ts';
import { agreementRoutes } from './agreements/routes.ts';
import { createAgreementService } from './agreements/service.ts';
import { createMerge } from './cart/merge.ts';
import { cartRoutes } from './cart/routes.ts';
import { createCarts } from './cart/service.ts';
import { createCartStore } from './cart/store.ts';
import { createCertificationRepository } from './certification/repository.ts';
import type { Config } from './config.ts';
import { createIdentityRepository } from './credentials/repository.ts';
import { credentialsRoutes } from './credentials/routes.ts';
import { createCredentialsService } from './credentials/service.ts';
import { createDatabase } from './database.ts';
import { eraseDeparted } from './erasure/sweeper.ts';
import { createIdempotency } from './idempotency/service.ts';
import { createMemberRepository } from './member/repository.ts';
import { memberRoutes } from './member/routes.ts';
import { createMemberService } from './member/service.ts';
import { createPersonalData } from './personal-data/index.ts';
import { protectPersonalData } from './personal-data/protect.ts';
import { purchaseRoutes } from './purchase/routes.ts';
import { createSessionEndingRepository } from './session-endings/repository.ts';
import { createSessionEndings } from './session-endings/service.ts';
import { createCatalogue } from './upstream/catalogue.ts';
import { createWishlistRepository } from './wishlist/repository.ts';
import { wishlistRoutes } from './wishlist/routes.ts';
import { createWishlistService } from './wishlist/service.ts';

export const SERVER_NAME = 'member-server';

/** The whole server without its socket: tests build the same one. */
export async function buildApp(config: Config): Promise<App> {
  const logger = createLogger({ name: SERVER_NAME, level: config.LOG_LEVEL });
  const metrics = createMetrics(SERVER_NAME);
  const database = createDatabase(config.DATABASE_URL);
  const personalData = createPersonalData(config);
  await protectPersonalData(database, personalData);
  const redis = createRedis(config.REDIS_URL, { name: SERVER_NAME, logger });
  await connectRedis(redis);
  const authServer = trustAuthServer(config, [USER_AUDIENCE, SERVER_NAME], { redis, logger });
  const authClient = createServiceClient({
    name: 'auth-server',
    baseUrl: config.AUTH_SERVICE_URL,
    timeout: config.REQUEST_TIMEOUT,
    metrics,
  });
  const productServer = createServiceClient({
    name: 'product-server',
    baseUrl: config.PRODUCT_SERVICE_URL,
    timeout: config.CATALOGUE_TIMEOUT,
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
  const members = createMemberRepository(database, personalData);
  const agreements = createAgreementRepository(database);
  const certifications = createCertificationRepository(database, personalData);
  const idempotency = createIdempotency(database, personalData);
  const sessionEndings = createSessionEndings({
    endings: createSessionEndingRepository(database),
    authServer: authClient,
    serviceToken: createServiceTokens({
      authServer: authClient,
      serviceKey: config.SERVICE_KEY,
      audience: 'auth-server',
    }),
    logger,
  });
  await app.register(memberRoutes, {
    prefix: '/api',
    members: createMemberService({ database, members, certifications, sessionEndings }),
  });
  await app.register(agreementRoutes, {
    prefix: '/api',
    agreements: createAgreementService({ members, agreements }),
  });
  await app.register(adminRoutes, {
    prefix: '/api',
    admin: createAdminService({ database, members, sessionEndings }),
  });
  await app.register(credentialsRoutes, {
    prefix: '/internal',
    credentials: createCredentialsService({
      members,
      agreements,
      identities: createIdentityRepository(database, personalData),
      certifications,
      idempotency,
    }),
  });

  const addresses = createAddressService({
    database,
    addresses: createAddressRepository(database, personalData),
    idempotency,
  });
  await app.register(addressRoutes, { prefix: '/api', addresses });
  const catalogue = createCatalogue(productServer, logger);
  await app.register(wishlistRoutes, {
    prefix: '/api',
    wishlist: createWishlistService({ database, wishes: createWishlistRepository(database), catalogue }),
  });
  const cartStore = createCartStore(redis);
  const merge = createMerge(cartStore, catalogue);
  const carts = createCarts({ store: cartStore, catalogue, merge });
  await app.register(cartRoutes, { prefix: '/api', carts, verifyToken: authServer.verifyToken });
  await app.register(purchaseRoutes, { prefix: '/internal/v1', addresses, carts });

  const jobs = startJobs(
    [
      { name: 'end sessions', every: 2_000, run: () => sessionEndings.deliverPending() },
      {
        name: 'erase the departed',
        every: 3_600_000,
        run: () => eraseDeparted(database, new Date(), cartStore.forget),
      },
      { name: 'forget idempotency keys', every: 600_000, run: () => idempotency.sweep() },
    ],
    logger,
  );
  app.addHook('onClose', async () => {
    await jobs.stop();
    redis.disconnect();
    await Promise.all([authClient.close(), productServer.close()]);
    await database.$disconnect();
  });
  return app;
}
