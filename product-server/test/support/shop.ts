import { fileURLToPath } from 'node:url';
import { loadConfig } from '@doa-market/common/config';
import { createLogger } from '@doa-market/common/logging';
import { connectRedis, createRedis, type Redis } from '@doa-market/common/redis';
import { startAuthority, until } from '@doa-market/common/testing';
import { redisUrl, temporaryDatabase } from '@doa-market/scripts/testing';
import { buildApp } from '../../src/app.ts';
import { ConfigSchema } from '../../src/config.ts';
import { createBoxOffice } from './box-office.ts';
import { createStock } from './stock.ts';

const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/** A connection to the Redis of the tests, or to nowhere. */
export async function redisFor(url = redisUrl()): Promise<Redis> {
  const redis = createRedis(url, { name: 'test', logger: createLogger({ name: 'test', level: 'silent' }) });
  await connectRedis(redis);
  return redis;
}

/** product-server with a database of its own, and what queue-server does with it. */
export async function openShop(environment: Record<string, string> = {}) {
  const store = await temporaryDatabase(MIGRATIONS);
  const authority = await startAuthority();
  const env = {
    LOG_LEVEL: 'silent',
    DATABASE_URL: store.url,
    AUTH_SERVICE_URL: authority.url,
    REDIS_URL: redisUrl(),
    ...environment,
  };
  const app = await buildApp(loadConfig(ConfigSchema, env));
  const stock = createStock(store.url);
  // A first connection may take longer than a server would wait, while other test files start.
  await until(() => stock.database.$queryRaw`SELECT 1`, 'a connection to the database');
  const serviceToken = (name: string) =>
    authority.token('SERVICE', `service:${name}`, { claims: { aud: 'product-server', sid: undefined } });
  const token = await serviceToken('queue-server');

  return {
    env,
    app,
    authority,
    token,
    serviceToken,
    stock,
    database: stock.database,
    boxOffice: createBoxOffice(stock.database),
    /** As queue-server, unless another token is given: asks again where a busy machine says that it is too busy. */
    call(method: 'GET' | 'POST', path: string, payload?: object, bearer = token) {
      return until(async () => {
        const response = await app.inject({
          method,
          url: `/internal/v1${path}`,
          headers: { authorization: `Bearer ${bearer}` },
          ...(payload && { payload }),
        });
        const body: unknown = response.json();
        return response.statusCode !== 503 && { status: response.statusCode, body };
      }, `an answer to ${method} ${path}`);
    },
    async close() {
      await app.close();
      await stock.close();
      await authority.close();
      await store.drop();
    },
  };
}
export type Shop = Awaited<ReturnType<typeof openShop>>;
