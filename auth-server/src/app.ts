import { createServiceClient } from '@doa-market/common/http';
import { createReadiness } from '@doa-market/common/lifecycle';
import { createLogger } from '@doa-market/common/logging';
import { createMetrics } from '@doa-market/common/metrics';
import { connectRedis, createRedis, redisDependency } from '@doa-market/common/redis';
import type { Config } from './config.ts';
import { guestRoutes } from './guest/routes.ts';
import { createClientCheck } from './http/basic-auth.ts';
import { createKoa } from './http/create-koa.ts';
import { createRouter } from './http/router.ts';
import { keyRoutes } from './keys/routes.ts';
import { loadSigningKeys } from './keys/signing-keys.ts';
import { createCredentialsReader } from './login/credentials.ts';
import { createPasswordCheck } from './login/password.ts';
import { loginRoutes } from './login/routes.ts';
import { createLogin } from './login/service.ts';
import { createLoginThrottle } from './login/throttle.ts';
import { createTokenIssuer } from './token/issuer.ts';

export const SERVER_NAME = 'auth-server';

/** The whole server without its socket: tests build the same one. */
export async function buildApp(config: Config) {
  const logger = createLogger({ name: SERVER_NAME, level: config.LOG_LEVEL });
  const metrics = createMetrics(SERVER_NAME);
  const keys = await loadSigningKeys(config.JWT_KEYS_FILE, { create: config.NODE_ENV !== 'production' });
  const redis = createRedis(config.REDIS_URL, { name: SERVER_NAME, logger });
  await connectRedis(redis);
  const memberServer = createServiceClient({
    name: 'member-server',
    baseUrl: config.MEMBER_SERVICE_URL,
    timeout: config.REQUEST_TIMEOUT,
    metrics,
  });

  const tokens = createTokenIssuer({ issuer: config.JWT_ISSUER, expiresIn: config.JWT_EXPIRES_IN, keys });
  const checkClient = createClientCheck(config.AUTH_BASIC_KEY);
  const login = createLogin({
    throttle: createLoginThrottle(redis),
    findCredentials: createCredentialsReader(memberServer, tokens),
    checkPassword: await createPasswordCheck(),
    tokens,
    logger,
  });

  const router = createRouter(SERVER_NAME, 'Tokens for guests and members, and the keys that verify them.');
  keyRoutes(router, keys);
  guestRoutes(router, { tokens, checkClient });
  loginRoutes(router, { login, checkClient });

  const readiness = createReadiness([redisDependency(redis), { ...memberServer, required: false }]);
  return {
    koa: createKoa({ logger, metrics, readiness, router }),
    logger,
    readiness,
    async close(): Promise<void> {
      redis.disconnect();
      await memberServer.close();
    },
  };
}
