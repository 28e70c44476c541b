import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { external, type Market, openMarket } from './support/market.ts';
import { until } from './support/until.ts';

const CACHE_KEY = 'cache:GET:/api/home';

let market: Market;

beforeAll(async () => {
  market = await openMarket({
    env: { RATE_LIMIT_PURCHASE: '1000000', RATE_LIMIT_MEMBER: '1000000', RATE_LIMIT_PUBLIC: '1000000' },
  });
});

afterEach(() => {
  for (const service of Object.values(market.services)) if (service.name !== 'auth') service.reset();
});

afterAll(() => market.close());

const order = async (key: string, own: Record<string, string>) =>
  market.get('/api/orders', {
    method: 'POST',
    headers: { ...own, 'content-type': 'application/json', 'x-idempotency-key': key },
    body: '{"sku":1}',
  });

async function timed<T>(work: Promise<T>): Promise<{ answer: T; ms: number }> {
  const startedAt = performance.now();
  return { answer: await work, ms: performance.now() - startedAt };
}

describe.skipIf(external)('with a Redis that hangs', () => {
  afterEach(async () => {
    market.redis.resume();
    await until(async () => (await market.redis.client.ping()) === 'PONG', 'Redis');
  });

  it('a purchase is refused at once, and sent nowhere', async () => {
    const own = await market.as();
    await order(randomUUID(), own);
    const before = market.services.queue.seen.length;
    market.redis.hang();
    const { answer, ms } = await timed(order(randomUUID(), own));
    expect(answer.json).toMatchObject({ status: 503, code: 'IDEM_5030' });
    expect(answer.headers['retry-after']).toBe('1');
    expect(ms).toBeLessThan(1_500);
    expect(market.services.queue.seen.length).toBe(before);
  });

  it('a page is answered past the cache', async () => {
    const own = await market.as('GUEST');
    await market.get('/api/home', { headers: own });
    market.redis.hang();
    const { answer, ms } = await timed(market.get('/api/home', { headers: own }));
    expect(answer.status).toBe(200);
    expect(answer.headers['x-cache-status']).toBe('MISS');
    expect(ms).toBeLessThan(1_500);
  });
});

describe('an entry that is no entry', () => {
  const garbage: Record<string, () => Promise<unknown>> = {
    'text instead of a hash': () => market.redis.client.set(CACHE_KEY, 'garbage'),
    'headers that are no JSON': () =>
      market.redis.client.hset(CACHE_KEY, {
        ...{ stored: Date.now(), fresh: Date.now() + 60_000, stale: Date.now() + 90_000 },
        ...{ status: 200, headers: '{', body: 'x' },
      }),
    'no status': () =>
      market.redis.client.hset(CACHE_KEY, { stored: Date.now(), fresh: Date.now() + 60_000, stale: 1 }),
    'words for numbers': () => market.redis.client.hset(CACHE_KEY, { stored: 'a', fresh: 'b', stale: 'c' }),
  };

  it.each(Object.entries(garbage))('such as %s is never an error', async (_name, spoil) => {
    await market.redis.client.del(CACHE_KEY);
    await spoil();
    const answer = await market.get('/api/home', { headers: await market.as('GUEST') });
    expect(answer.status).toBe(200);
    expect(answer.headers['x-cache-status']).not.toBe('HIT');
    await market.redis.client.del(CACHE_KEY);
  });
});

describe('a record of a key that is damaged', () => {
  it('refuses the purchase, and is never run a second time nor an error of ours', async () => {
    const own = await market.as();
    const key = randomUUID();
    const others = new Set(await market.redis.client.keys('idempotency:*'));
    await order(key, own);
    const [record = ''] = (await market.redis.client.keys('idempotency:*')).filter((it) => !others.has(it));
    await market.redis.client.hdel(record, 'headers');
    const before = market.services.queue.seen.length;
    expect((await order(key, own)).json).toMatchObject({ status: 503, code: 'IDEM_5030' });
    expect(market.services.queue.seen.length).toBe(before);
  });
});

describe('fifty of the same request at once', () => {
  it('reach the service once, in every round', async () => {
    const own = await market.as();
    for (let round = 0; round < 20; round += 1) {
      const before = market.services.queue.seen.length;
      const key = randomUUID();
      const answers = await Promise.all(Array.from({ length: 50 }, () => order(key, own)));
      expect(market.services.queue.seen.length - before).toBe(1);
      expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
      expect((await order(key, own)).headers['x-idempotency-status']).toBe('replayed');
    }
  });
});

describe('a late owner of a key', () => {
  it('neither overwrites nor frees what the next owner has', async () => {
    const own = await market.as();
    const key = randomUUID();
    const others = new Set(await market.redis.client.keys('idempotency:*'));
    const held: (() => void)[] = [];
    market.services.queue.reply = (response) => {
      const name = `answer ${held.length + 1}`;
      held.push(() => response.end(name));
    };
    const first = order(key, own);
    await until(() => held.length === 1, 'the first request');
    // Its lease ends while it is still being worked on.
    const [record = ''] = (await market.redis.client.keys('idempotency:*')).filter((it) => !others.has(it));
    await market.redis.client.hset(record, 'lease', 1);
    const second = order(key, own);
    await until(() => held.length === 2, 'the second request');
    held[0]?.();
    expect((await first).text).toBe('answer 1');
    expect((await order(key, own)).json).toMatchObject({ code: 'IDEM_4090' });
    held[1]?.();
    expect((await second).text).toBe('answer 2');
    expect((await order(key, own)).text).toBe('answer 2');
  });
});
