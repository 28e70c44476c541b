import { ANY_VISITOR, trustAuthServer, USER_AUDIENCE } from '@doa-market/common/auth';
import { createLogger } from '@doa-market/common/logging';
import { createMetrics } from '@doa-market/common/metrics';
import { connectRedis, createRedis, redisDependency } from '@doa-market/common/redis';
import { createApp } from '@doa-market/common/server';

/** A server as the others are, which believes the tokens of the auth-server at `authUrl`. */
export async function startFastify(authUrl: string, redisUrl: string) {
  const name = 'test-server';
  const logger = createLogger({ name, level: 'silent' });
  const redis = createRedis(redisUrl, { name, logger });
  await connectRedis(redis);
  const config = { AUTH_SERVICE_URL: authUrl, JWT_ISSUER: 'https://auth.doa.market', REQUEST_TIMEOUT: 1_000 };
  const authServer = trustAuthServer(config, [USER_AUDIENCE, name], { redis, logger });
  const app = await createApp({
    name,
    description: 'A server of the tests.',
    logger,
    metrics: createMetrics(name),
    verifyToken: authServer.verifyToken,
    dependencies: [authServer.dependency, { ...redisDependency(redis), required: false }],
  });
  app.get('/caller', { config: { access: ANY_VISITOR } }, async (request) => ({ sub: request.caller?.sub }));
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    /** The answer to somebody who calls it directly. */
    ask: (accessToken: string) =>
      fetch(`${url}/caller`, { headers: { authorization: `Bearer ${accessToken}` } }),
    ready: async (): Promise<unknown> => (await fetch(`${url}/ready`)).json(),
    async close(): Promise<void> {
      await app.close();
      redis.disconnect();
    },
  };
}
export type TestFastify = Awaited<ReturnType<typeof startFastify>>;
