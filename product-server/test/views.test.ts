import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@doa-market/common/config';
import { createLogger } from '@doa-market/common/logging';
import { connectRedis, createRedis, type Redis } from '@doa-market/common/redis';
import type { App } from '@doa-market/common/server';
import { type Authority, startAuthority } from '@doa-market/common/testing';
import { redisUrl, type TemporaryDatabase, temporaryDatabase } from '@doa-market/scripts/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildApp } from '../src/app.ts';
import { ConfigSchema } from '../src/config.ts';
import { createViewCounter } from '../src/view/counter.ts';
import { flushViews } from '../src/view/flush.ts';
import { createFixtures } from './fixtures.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
/** The servers of other tests flush what is in the first database. */
const redisAt = (index: number) => new URL(`/${index}`, redisUrl()).href;

let store: TemporaryDatabase;
let fixtures: ReturnType<typeof createFixtures>;
let authority: Authority;
let app: App;
let redis: Redis;

beforeAll(async () => {
  store = await temporaryDatabase(fileURLToPath(new URL('../prisma/migrations', import.meta.url)));
  fixtures = createFixtures(store.url);
  await fixtures.category('living', 0);
  for (const slug of ['mug', 'lamp', 'chair']) await fixtures.product({ slug });
  authority = await startAuthority();
  redis = createRedis(redisAt(9), { name: 'test', logger });
  await connectRedis(redis);
  app = await buildApp(
    loadConfig(ConfigSchema, {
      LOG_LEVEL: 'silent',
      DATABASE_URL: store.url,
      AUTH_SERVICE_URL: authority.url,
      REDIS_URL: redisAt(10),
    }),
  );
});
afterAll(async () => {
  redis.disconnect();
  await app.close();
  await authority.close();
  await fixtures.close();
  await store.drop();
});
beforeEach(async () => {
  await redis.flushdb();
  await fixtures.database.productView.deleteMany();
});

async function counted(): Promise<Record<string, number>> {
  const rows = await fixtures.database.productView.findMany({ include: { product: true } });
  return Object.fromEntries(rows.map(({ product, count }) => [product.slug, Number(count)]));
}
const flush = () => flushViews(fixtures.database, redis);

describe('looks at products', () => {
  it('are added up in batches, one of each visitor and product', async () => {
    const views = createViewCounter(redis);
    const visitors = Array.from({ length: 20 }, () => randomUUID());
    await Promise.all(
      visitors.flatMap((visitor) => ['mug', 'mug', 'lamp'].map((it) => views.count(visitor, it))),
    );
    await flush();
    expect(await counted()).toEqual({ mug: 20, lamp: 20 });
    await views.count(randomUUID(), 'mug');
    await flush();
    await flush();
    expect(await counted()).toEqual({ mug: 21, lamp: 20 });
  });

  it('are forgotten where there is no such product', async () => {
    await createViewCounter(redis).count(randomUUID(), 'nothing-of-ours');
    await flush();
    expect(await counted()).toEqual({});
    expect(await redis.exists('views:pending', 'views:taken')).toBe(0);
  });

  it('count once when a server dies after the database has them', async () => {
    await createViewCounter(redis).count(randomUUID(), 'chair');
    const taken = await redis.hgetall('views:pending');
    await flush();
    const [batch] = await fixtures.database.viewBatch.findMany({ orderBy: { createdAt: 'desc' }, take: 1 });
    await redis.hset('views:taken', { ...taken, '#id': batch?.id ?? '' });
    await flush();
    expect(await counted()).toEqual({ chair: 1 });
    expect(await redis.exists('views:taken')).toBe(0);
  });

  it('count once when all servers flush at once', async () => {
    const views = createViewCounter(redis);
    for (let visitor = 0; visitor < 10; visitor += 1) await views.count(randomUUID(), 'mug');
    await Promise.all(Array.from({ length: 5 }, flush));
    expect(await counted()).toEqual({ mug: 10 });
  });

  it('are still there after the database was away', async () => {
    await createViewCounter(redis).count(randomUUID(), 'mug');
    const away = createFixtures('postgresql://nobody@127.0.0.1:1/nothing');
    await expect(flushViews(away.database, redis)).rejects.toThrow();
    await away.close();
    await flush();
    expect(await counted()).toEqual({ mug: 1 });
  });

  it('are told by anybody with a token, guests included, and answer nothing', async () => {
    const look = async (role?: string, slug = 'mug') => {
      const headers = role ? { authorization: `Bearer ${await authority.token(role)}` } : {};
      return app.inject({ method: 'POST', url: `/api/v1/products/${slug}/views`, headers });
    };
    for (const answer of [
      await look('GUEST'),
      await look('MEMBER'),
      await look('GUEST', 'nothing-of-ours'),
    ]) {
      expect(answer.statusCode).toBe(204);
      expect(answer.headers['cache-control']).toBe('private, no-store');
    }
    expect((await look()).statusCode).toBe(401);
    expect((await look('GUEST', 'No-Slug')).statusCode).toBe(422);
  });
});
