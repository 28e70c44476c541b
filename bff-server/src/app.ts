import { createServiceTokens, trustAuthServer, USER_AUDIENCE } from '@doa-market/common/auth';
import { SentEventListSchema } from '@doa-market/common/contracts';
import { createServiceClient } from '@doa-market/common/http';
import { createLogger } from '@doa-market/common/logging';
import { createMetrics } from '@doa-market/common/metrics';
import { connectRedis, createRedis, redisDependency } from '@doa-market/common/redis';
import { type App, createApp } from '@doa-market/common/server';
import { categoryRoutes } from './category/routes.ts';
import type { Config } from './config.ts';
import { createFreshness } from './freshness/index.ts';
import { homeRoutes } from './home/routes.ts';
import { meRoutes } from './me/routes.ts';
import { productRoutes } from './product/routes.ts';
import { reviewRoutes } from './review/routes.ts';
import { searchRoutes } from './search/routes.ts';
import { createSections } from './section.ts';
import { createCatalogue } from './upstream/catalogue.ts';
import { createMembers } from './upstream/members.ts';
import { createSearch } from './upstream/search.ts';

export const SERVER_NAME = 'bff-server';

/** Part of a request's time that one call to another server may take, a second try included. */
const CALL = 0.5;

/** The whole server without its socket: tests build the same one. */
export async function buildApp(config: Config): Promise<App> {
  const logger = createLogger({ name: SERVER_NAME, level: config.LOG_LEVEL });
  const metrics = createMetrics(SERVER_NAME);
  const redis = createRedis(config.REDIS_URL, { name: SERVER_NAME, logger });
  await connectRedis(redis);
  const authServer = trustAuthServer(config, [USER_AUDIENCE], { redis, logger });
  const budget = config.REQUEST_TIMEOUT;
  const client = (name: string, baseUrl: string) =>
    createServiceClient({ name, baseUrl, timeout: budget * CALL, metrics });
  const productServer = client('product-server', config.PRODUCT_SERVICE_URL);
  const productSearch = client('product-server search', config.PRODUCT_SERVICE_URL);
  const memberServer = client('member-server', config.MEMBER_SERVICE_URL);
  const authClient = client('auth-server', config.AUTH_SERVICE_URL);
  const serviceToken = createServiceTokens({
    authServer: authClient,
    serviceKey: config.SERVICE_KEY,
    audience: 'product-server',
  });

  const app = await createApp({
    name: SERVER_NAME,
    description: "The storefront's pages, each made of sections that can fail one by one.",
    logger,
    metrics,
    verifyToken: authServer.verifyToken,
    budget,
    dependencies: [
      productServer,
      // Of all pages, one is about members.
      { ...memberServer, required: false },
      authServer.dependency,
      { ...redisDependency(redis), required: false },
    ],
  });
  const freshness = createFreshness({
    config,
    logger,
    metrics,
    sentEvents: async ({ from, until, after }) => {
      const range = { from: from.toISOString(), until: until.toISOString(), ...(after && { after }) };
      const path = `/internal/v1/sent-events?${new URLSearchParams(range)}`;
      return productServer.get(path, SentEventListSchema, { bearer: await serviceToken() });
    },
  });
  // A server that nobody can reach, as in most tests, purges nothing either.
  app.addHook('onListen', freshness.start);
  app.addHook('onClose', async () => {
    await freshness.close();
    redis.disconnect();
    await Promise.all([
      productServer.close(),
      productSearch.close(),
      memberServer.close(),
      authClient.close(),
    ]);
  });

  const pages = {
    catalogue: createCatalogue(productServer),
    section: createSections({ logger, metrics, budget }),
  };
  await app.register(
    async (api) => {
      await api.register(homeRoutes, pages);
      await api.register(categoryRoutes, pages);
      await api.register(productRoutes, pages);
      await api.register(reviewRoutes, pages);
      await api.register(searchRoutes, { search: createSearch(productSearch) });
      await api.register(meRoutes, { members: createMembers(memberServer) });
    },
    { prefix: '/api' },
  );
  return app;
}
