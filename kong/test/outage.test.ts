import { randomUUID } from 'node:crypto';
import { until } from '@doa-market/common/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from './support/client.ts';
import { external, type Market, openMarket } from './support/market.ts';
import { buyerAt } from './support/orders.ts';
import { bearer, claimsOf, sign } from './support/tokens.ts';

let market: Market;

beforeAll(async () => {
  if (external) return;
  market = await openMarket({
    env: {
      GATEWAY_WORKERS: '1',
      RATE_LIMIT_PURCHASE: '1000000',
      RATE_LIMIT_MEMBER: '1000000',
      RATE_LIMIT_PUBLIC: '1000000',
    },
  });
});

afterEach(() => {
  for (const name of ['member', 'queue', 'bff'] as const) market?.services[name].reset();
});

afterAll(() => market?.close());

const TIMES = 40;
const AT_ONCE = 20;

/** One after the other, and how long one of them takes. */
async function inTurn(call: () => Promise<Answer>): Promise<{ answers: Answer[]; median: number }> {
  const answers: Answer[] = [];
  const times: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const startedAt = performance.now();
    answers.push(await call());
    times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  return { answers, median: times[TIMES / 2] ?? Number.POSITIVE_INFINITY };
}

const isBack = async () => (await (await buyerAt(market)).order()).status === 200;

const OUTAGES: [string, () => Promise<void> | void, () => Promise<void> | void][] = [
  ['is stopped', () => market.redis.stop(), () => market.redis.start()],
  ['hangs', () => market.redis.hang(), () => market.redis.resume()],
];

describe.skipIf(external).each(OUTAGES)('with a Redis that %s', (_, begin, end) => {
  beforeAll(async () => {
    await until(isBack, 'an order');
    market.services.queue.reset();
    await begin();
  });

  afterAll(async () => {
    await end();
    await until(isBack, 'orders again');
  });

  it('purchases are refused at once, sent nowhere, and logged now and then', async () => {
    const complaints = () => market.gateway.output().split('keys cannot be checked').length - 1;
    const before = complaints();
    const { answers, median } = await inTurn(async () => (await buyerAt(market)).order());
    for (const { json, headers } of answers) {
      expect(json).toMatchObject({ status: 503, code: 'IDEM_5030' });
      expect(headers['retry-after']).toBe('1');
    }
    expect(market.services.queue.seen).toHaveLength(0);
    expect(median).toBeLessThan(100);
    await until(() => complaints() > 0, 'a line in the log');
    expect(complaints() - before).toBeLessThan(TIMES / 2);
  });

  it('the cart goes on, and says that its key protects nothing', async () => {
    const { answers, median } = await inTurn(async () =>
      (await buyerAt(market)).order({ path: '/api/cart/items' }),
    );
    for (const { status, headers } of answers) {
      expect(status).toBe(200);
      expect(headers['x-idempotency-status']).toBe('unprotected');
    }
    expect(market.services.member.seen).toHaveLength(TIMES);
    expect(median).toBeLessThan(100);
  });

  it('the cart without a key has nothing to say', async () => {
    const answer = await market.get('/api/cart/items', { method: 'POST', headers: await market.as() });
    expect(answer.status).toBe(200);
    expect(answer.headers['x-idempotency-status']).toBeUndefined();
  });

  it('pages are answered past the cache', async () => {
    const { answers, median } = await inTurn(async () =>
      market.get('/api/home', { headers: await market.as('GUEST') }),
    );
    for (const { status, headers } of answers) {
      expect(status).toBe(200);
      expect(headers['x-cache-status']).toBe('MISS');
    }
    expect(median).toBeLessThan(100);
  });
});

describe.skipIf(external)('a Redis that stops for a moment', () => {
  afterEach(() => market.redis.resume());

  it('is asked again soon', async () => {
    await until(isBack, 'an order');
    market.redis.hang();
    expect((await (await buyerAt(market)).order()).status).toBe(503);
    market.redis.resume();
    const resumedAt = performance.now();
    await until(isBack, 'orders again');
    expect(performance.now() - resumedAt).toBeLessThan(800);
  });

  it('is tried by one request at a time', async () => {
    await until(isBack, 'an order');
    const received = async () =>
      Number(/total_connections_received:(\d+)/.exec(await market.redis.client.info('stats'))?.[1]);
    const before = await received();
    market.redis.hang();
    const endsAt = performance.now() + 1_500;
    const shopper = async () => {
      while (performance.now() < endsAt) await (await buyerAt(market)).order();
    };
    await Promise.all(Array.from({ length: AT_ONCE }, shopper));
    market.redis.resume();
    await until(isBack, 'orders again');
    // Those that were on their way when it stopped, and then one after each pause.
    expect((await received()) - before).toBeLessThan(AT_ONCE + 20);
  });

  it('does not bring ended sessions back that were known', async () => {
    const sid = randomUUID();
    const headers = bearer(await sign(market.key, claimsOf('MEMBER', { sid })));
    await market.redis.client.set(`revoked:sid:${sid}`, '1', 'EX', 60);
    expect((await market.get('/api/orders', { headers })).status).toBe(401);
    market.redis.hang();
    const startedAt = performance.now();
    // Longer than an answer of Redis is remembered.
    while (performance.now() - startedAt < 1_500)
      expect((await market.get('/api/orders', { headers })).json).toMatchObject({ code: 'AUTH_1005' });
    market.redis.resume();
    await until(isBack, 'orders again');
  });
});

describe.skipIf(external)('an error that Redis answers', () => {
  const record = async (order: () => Promise<Answer>): Promise<string> => {
    const earlier = new Set(await market.redis.client.keys('idempotency:*'));
    expect((await order()).status).toBe(200);
    const [name = ''] = (await market.redis.client.keys('idempotency:*')).filter((it) => !earlier.has(it));
    return name;
  };

  it('costs nobody else anything', async () => {
    const { order } = await buyerAt(market);
    const name = await record(order);
    await market.redis.client.set(name, 'a record of another type');
    for (let time = 0; time < 3; time += 1) {
      expect((await order()).json).toMatchObject({ status: 503, code: 'IDEM_5030' });
      expect(await isBack()).toBe(true);
    }
    await market.redis.client.del(name);
  });

  it('that it knows no scripts any more is made good', async () => {
    await market.redis.client.script('FLUSH');
    const { order } = await buyerAt(market);
    expect((await order()).status).toBe(200);
    expect((await order()).headers['x-idempotency-status']).toBe('replayed');
  });

  it('for a damaged record refuses the purchase, and never runs it a second time', async () => {
    const { order } = await buyerAt(market);
    await market.redis.client.hdel(await record(order), 'headers');
    expect((await order()).json).toMatchObject({ status: 503, code: 'IDEM_5030' });
    expect(market.services.queue.seen).toHaveLength(1);
  });
});

describe.skipIf(external)('a page in Redis that is none', () => {
  const CACHE_KEY = 'cache:GET:/api/home';
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
