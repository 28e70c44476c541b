import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRedis } from '@doa-market/common/redis';
import { until } from '@doa-market/common/testing';
import { type Redis, startRedis } from '@doa-market/scripts/redis';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCatalogue, startCatalogue } from './support/catalogue.ts';
import { openShop, type Shop } from './support/shop.ts';
import { cartIn, linesIn, shopper } from './support/shopper.ts';
import { FAILURES, startFailingCatalogue } from './support/stand-in.ts';

let catalogue: RunningCatalogue;

beforeAll(async () => {
  catalogue = await startCatalogue();
});
afterAll(() => catalogue.close());

describe.each(FAILURES)('while product-server %s, a cart', (failure) => {
  it('has all its lines, without prices, and can be changed', async () => {
    const failing = await startFailingCatalogue(failure);
    const shop = await openShop({ PRODUCT_SERVICE_URL: failing.url, CATALOGUE_TIMEOUT: '150' });
    const { add, set, remove, cart } = await shopper(shop);
    const [skuId, other] = [crypto.randomUUID(), crypto.randomUUID()];
    expect((await add(skuId, 2)).status).toBe(200);
    expect((await add(other, 1)).status).toBe(200);
    expect((await set(skuId, 3)).status).toBe(200);
    expect((await remove(other)).status).toBe(200);
    const answer = await cart();
    expect([answer.status, answer.body]).toMatchObject([
      200,
      {
        lines: [{ skuId, quantity: 3, status: 'UNKNOWN', offer: null, amount: null }],
        totals: { quantity: 3, amount: null },
        degraded: true,
      },
    ]);
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
    await shop.close();
    await failing.close();
  });
});

it('a catalogue that does not answer is waited for once, then left alone for a moment', async () => {
  const failing = await startFailingCatalogue('never answers');
  const shop = await openShop({ PRODUCT_SERVICE_URL: failing.url, CATALOGUE_TIMEOUT: '100' });
  const { add, cart } = await shopper(shop);
  await add(crypto.randomUUID(), 1);
  await Promise.all(Array.from({ length: 5 }, cart));
  expect(failing.requests()).toBe(1);
  await until(async () => (await cart()) && failing.requests() > 1, 'another attempt');
  await shop.close();
  await failing.close();
});

it('a catalogue that comes back is asked again', async () => {
  const failing = await startFailingCatalogue('never answers');
  const shop = await openShop({ PRODUCT_SERVICE_URL: failing.url, CATALOGUE_TIMEOUT: '100' });
  const { skuId } = await catalogue.sell(5);
  const { add, cart } = await shopper(shop);
  expect((await add(skuId, 1)).body).toMatchObject({ degraded: true });
  failing.passTo(catalogue.url);
  await until(async () => !cartIn(await cart()).degraded, 'the return of the catalogue');
  await shop.close();
  await failing.close();
});

it('a server without product-server is degraded, and ready', async () => {
  const shop = await openShop();
  const answer = await shop.call('GET', '/ready');
  expect([answer.status, answer.body]).toMatchObject([
    200,
    { status: 'degraded', checks: { 'product-server': { status: 'down', required: false } } },
  ]);
  await shop.close();
});

describe('a Redis that goes and comes back', () => {
  let folder: string;
  let redis: Redis;
  let shop: Shop;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cart-redis-'));
    redis = await startRedis({ dataDir: join(folder, 'data'), durable: true });
    shop = await openShop({ ...catalogue.env, REDIS_URL: redis.url });
  });
  afterAll(async () => {
    await shop.close();
    await redis.stop();
    await rm(folder, { recursive: true });
  });

  it('costs the cart alone, says when to come again, and has kept every cart', async () => {
    const { skuId } = await catalogue.sell(50);
    const memberId = await shop.member();
    const { add, set, remove, clear, merge, cart, token } = await shopper(shop, 'MEMBER', memberId);
    const guest = await shopper(shop);
    const before = await add(skuId, 3);
    await redis.stop();

    const refused = [
      cart(),
      add(skuId, 1),
      set(skuId, 1),
      remove(skuId),
      clear(),
      merge(guest.token),
      guest.cart(),
    ];
    for (const answer of await Promise.all(refused)) {
      expect([answer.status, answer.body]).toMatchObject([503, { code: 'SYS_5003' }]);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await shop.call('GET', '/api/members/me', { token })).status).toBe(200);
    expect((await shop.call('GET', '/ready')).body).toMatchObject({
      status: 'degraded',
      checks: { redis: { status: 'down', required: false } },
    });

    redis = await startRedis({ dataDir: join(folder, 'data'), port: redis.port, durable: true });
    await until(async () => (await cart()).status === 200, 'the return of the cart');
    expect((await cart()).headers.get('etag')).toBe(before.headers.get('etag'));
    expect(linesIn(await cart())).toEqual({ [skuId]: 3 });
  });

  it('and one that hangs is waited for a moment; what it does late counts once under its key', async () => {
    const { skuId } = await catalogue.sell(50);
    const { add, cart } = await shopper(shop);
    await add(skuId, 1);
    const client = createRedis(redis.url, { name: 'test', logger: pino({ level: 'silent' }) });
    await client.connect();
    const key = { 'x-idempotency-key': crypto.randomUUID() };
    await client.client('PAUSE', 2_500, 'ALL');
    const startedAt = performance.now();
    const answers = await Promise.all([add(skuId, 2, key), cart()]);
    expect(performance.now() - startedAt).toBeLessThan(2_400);
    expect(answers.map(({ status }) => status)).toEqual([503, 503]);
    await until(async () => (await cart()).status === 200, 'the end of the pause');
    expect((await add(skuId, 2, key)).status).toBe(200);
    expect(linesIn(await cart())).toEqual({ [skuId]: 3 });
    client.disconnect();
  });
});
