import { request, type ServerResponse } from 'node:http';
import { until } from '@doa-market/common/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Market, openMarket } from './support/market.ts';
import { buyerAt, records, sell } from './support/orders.ts';

let market: Market;

beforeAll(async () => {
  market = await openMarket({ env: { RATE_LIMIT_PURCHASE: '100000', RATE_LIMIT_MEMBER: '100000' } });
});

afterEach(() => market.services.queue.reset());

afterAll(() => market.close());

const seen = () => market.services.queue.seen.length;

describe('a key is free again', () => {
  it.each([401, 403, 408, 409, 425, 429, 500, 502, 503])('after %i', async (status) => {
    market.services.queue.reply = (response) => response.writeHead(status).end();
    const { order } = await buyerAt(market);
    expect((await order()).status).toBe(status);
    sell(market);
    const again = await order();
    expect(again.status).toBe(201);
    expect(again.headers['x-idempotency-status']).toBeUndefined();
  });

  it('at once after a refused connection', async () => {
    const { order } = await buyerAt(market);
    await order();
    const next = await buyerAt(market);
    const earlier = await records(market);
    await market.services.queue.stop();
    const refused = await until(async () => {
      const answer = await next.order();
      return answer.status === 502 && answer;
    }, '502');
    expect(refused.json).toMatchObject({ code: 'SYS_5002' });
    expect((await records(market)).sort()).toEqual(earlier.sort());
    await market.services.queue.start();
    expect((await next.order()).status).toBe(200);
  });
});

describe('a key is held while nobody knows what happened', () => {
  const HALVES: Record<string, (response: ServerResponse) => void> = {
    'no answer': (response) => response.socket?.destroy(),
    'half an answer': (response) => {
      response.writeHead(201, { 'content-length': 100 });
      response.write('half', () => response.socket?.destroy());
    },
    'half an answer in chunks': (response) => {
      response.writeHead(201);
      response.write('half', () => response.socket?.destroy());
    },
  };

  it.each(Object.entries(HALVES))('after %s', async (_, reply) => {
    const earlier = new Set(await records(market));
    market.services.queue.reply = reply;
    const { order } = await buyerAt(market);
    const first = await order();
    expect(first.json).toMatchObject({ status: 502, code: 'SYS_5002' });
    expect(first.text).not.toContain('half');
    sell(market);
    const [record = ''] = (await records(market)).filter((name) => !earlier.has(name));
    await until(async () => (await market.redis.client.hget(record, 'state')) === 'unknown', 'the doubt');
    expect(await market.redis.client.hexists(record, 'body')).toBe(0);
    const again = await order();
    expect(again.json).toMatchObject({ status: 409, code: 'IDEM_4090' });
    const wait = Number(again.headers['retry-after']);
    expect(wait).toBeGreaterThan(50);
    expect(wait).toBeLessThanOrEqual(60);
    expect(seen()).toBe(1);
  });
});

describe('a client that hangs up', () => {
  it('gets its answer at the next try, and the service works once', async () => {
    market.services.queue.reply = (response) => {
      setTimeout(() => response.writeHead(201, { location: '/api/payments/1' }).end('paid'), 800);
    };
    const { own, key, order } = await buyerAt(market);
    const { hostname, port } = new URL(market.gateway.url);
    await new Promise<void>((resolve) => {
      const early = request({
        hostname,
        port,
        path: '/api/orders',
        method: 'POST',
        headers: { ...own, 'x-idempotency-key': key },
        agent: false,
        signal: AbortSignal.timeout(300),
      });
      early.on('error', () => resolve());
      early.end('{"sku":1}');
    });
    const waiting = await order();
    expect(waiting.json).toMatchObject({ status: 409, code: 'IDEM_4090' });
    expect(waiting.headers['retry-after']).toBe('1');
    const answer = await until(async () => {
      const next = await order();
      return next.status !== 409 && next;
    }, 'the answer');
    expect(answer).toMatchObject({ status: 201, text: 'paid' });
    expect(answer.headers).toMatchObject({
      'x-idempotency-status': 'replayed',
      location: '/api/payments/1',
    });
    expect(seen()).toBe(1);
  });
});

describe('an owner whose lease ended', () => {
  const LATE: [string, number][] = [
    ['overwrite', 200],
    ['free', 500],
    ['put in doubt', 0],
  ];

  it.each(LATE)('cannot %s what the next owner has', async (_, status) => {
    const held: (() => void)[] = [];
    market.services.queue.reply = (response) => {
      const name = `answer ${held.length + 1}`;
      const isLate = held.length === 0;
      held.push(() => {
        if (isLate && status === 0) response.socket?.destroy();
        else response.writeHead(isLate ? status : 201).end(name);
      });
    };
    const earlier = new Set(await records(market));
    const { order } = await buyerAt(market);
    const first = order();
    await until(() => held.length === 1, 'the first request');
    const [record = ''] = (await records(market)).filter((name) => !earlier.has(name));
    await market.redis.client.hset(record, 'lease', 1);
    const second = order();
    await until(() => held.length === 2, 'the second request');
    const claim = await market.redis.client.hgetall(record);
    held[0]?.();
    expect((await first).status).toBe(status || 502);
    expect(await market.redis.client.hgetall(record)).toEqual(claim);
    const waiting = await order();
    expect(waiting.json).toMatchObject({ code: 'IDEM_4090' });
    // A key in doubt would have to wait for its whole lease.
    expect(waiting.headers['retry-after']).toBe('1');
    held[1]?.();
    expect((await second).text).toBe('answer 2');
    const replayed = await order();
    expect(replayed.text).toBe('answer 2');
    expect(replayed.headers['x-idempotency-status']).toBe('replayed');
    expect(seen()).toBe(2);
  });
});

describe('sizes', () => {
  it('of a body over the limit are refused, in one piece or in many', async () => {
    const { order } = await buyerAt(market);
    const whole = await order({ body: Buffer.alloc(1024 * 1024 + 1) });
    expect(whole.status).toBe(413);
    const parts = Array.from({ length: 11 }, () => Buffer.alloc(100_000));
    const chunked = await order({ body: parts, headers: { 'transfer-encoding': 'chunked' } });
    expect(chunked.status).toBe(413);
    expect(seen()).toBe(0);
  });

  it('of a body that is spooled to a file reach the service whole', async () => {
    sell(market);
    const { order } = await buyerAt(market);
    const body = `${'a'.repeat(300_000)}1`;
    await order({ body });
    expect(market.services.queue.seen[0]?.body.toString()).toBe(body);
    expect((await order({ body })).headers['x-idempotency-status']).toBe('replayed');
  });

  it('of an answer up to the limit are kept', async () => {
    const largest = Buffer.alloc(1024 * 1024, 'y');
    market.services.queue.reply = (response) => response.end(largest);
    const { order } = await buyerAt(market);
    await order();
    const again = await order();
    expect(again.headers['x-idempotency-status']).toBe('replayed');
    expect(again.body.equals(largest)).toBe(true);
  });

  it('of an answer over the limit leave the fact, not the answer', async () => {
    const tooLarge = Buffer.alloc(1024 * 1024 + 1, 'z');
    market.services.queue.reply = (response) => response.end(tooLarge);
    const { order } = await buyerAt(market);
    expect((await order()).body.equals(tooLarge)).toBe(true);
    for (let time = 0; time < 3; time += 1)
      expect((await order()).json).toMatchObject({ status: 409, code: 'IDEM_4090' });
    expect(seen()).toBe(1);
  });
});
