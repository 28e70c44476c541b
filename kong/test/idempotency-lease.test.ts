import type { ServerResponse } from 'node:http';
import { until } from '@doa-market/common/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from './support/client.ts';
import { external, type Market, openMarket } from './support/market.ts';
import { type Buyer, buyerAt, records } from './support/orders.ts';
import { childrenOf } from './support/processes.ts';

const TEMPLATE = `
_format_version: "3.0"
services:
  - name: queue
    url: \${QUEUE_SERVICE_URL}
    read_timeout: 400
    retries: 0
    routes:
      - { name: orders, paths: [/api/orders], strip_path: false }
      - name: reservations
        paths: [/api/reservations]
        strip_path: false
        plugins:
          - name: idempotency
            config: { max_request_size: 1000, redis: { host: "\${REDIS_HOST}", port: \${REDIS_PORT} } }
      - name: payments
        paths: [/api/payments]
        strip_path: false
        plugins:
          - name: idempotency
            config: { on_redis_failure: closed, ttl: 10, lease: 60, redis: { host: "\${REDIS_HOST}", port: \${REDIS_PORT} } }
plugins:
  - { name: wire-format }
  - name: token-validator
    config:
      jwks_uri: \${AUTH_SERVICE_URL}/.well-known/jwks.json
      issuer: \${JWT_ISSUER}
      redis: { host: "\${REDIS_HOST}", port: \${REDIS_PORT} }
  - { name: rate-limiting, config: { hour: 30, policy: local, limit_by: header, header_name: X-User-Id } }
  - name: idempotency
    config:
      policy: required
      on_redis_failure: closed
      ttl: 60
      lease: 2
      redis: { host: "\${REDIS_HOST}", port: \${REDIS_PORT} }
`;

let market: Market;

beforeAll(async () => {
  if (!external) market = await openMarket({ template: TEMPLATE, env: { GATEWAY_WORKERS: '1' } });
});

afterEach(() => {
  market?.redis.resume();
  market?.services.queue.reset();
});

afterAll(() => market?.close());

const seen = () => market.services.queue.seen;

/** Tries until the lease is over; every answer before that is a 409 that says when to come again. */
async function waitOut({ order }: Buyer): Promise<Answer> {
  let refusals = 0;
  const answer = await until(async () => {
    const next = await order();
    if (next.status !== 409) return next;
    refusals += 1;
    expect(next.json).toMatchObject({ code: 'IDEM_4090' });
    expect(Number(next.headers['retry-after'])).toBeGreaterThan(0);
    expect(seen()).toHaveLength(1);
    return false;
  }, 'the end of the lease');
  expect(refusals).toBeGreaterThan(0);
  return answer;
}

// A lease of 2 s, tried every 20 ms, would meet the limit of requests: that is another test's.
const patient = async (): Promise<Buyer> => {
  const buyer = await buyerAt(market);
  let next = 0;
  return {
    ...buyer,
    async order(order) {
      await until(() => performance.now() >= next, 'the next try');
      next = performance.now() + 200;
      return buyer.order(order);
    },
  };
};

describe.skipIf(external)('when the lease is over', () => {
  const LOST: Record<string, (response: ServerResponse) => void> = {
    'had no answer in time': () => undefined,
    'had half an answer': (response) => {
      response.writeHead(201, { 'content-length': 100 });
      response.write('half', () => response.socket?.destroy());
    },
  };

  it.each(Object.entries(LOST))('the same request goes through with its key if it %s', async (_, reply) => {
    market.services.queue.reply = reply;
    const buyer = await patient();
    expect((await buyer.order()).status).toBeGreaterThanOrEqual(502);
    market.services.queue.reply = (response) => response.writeHead(201).end('ordered before');
    expect(await waitOut(buyer)).toMatchObject({ status: 201, text: 'ordered before' });
    expect(seen().map(({ headers }) => headers['x-idempotency-key'])).toEqual([buyer.key, buyer.key]);
    expect((await buyer.order()).headers['x-idempotency-status']).toBe('replayed');
  });

  it('another request with that key is still refused', async () => {
    market.services.queue.reply = (response) => response.socket?.destroy();
    const buyer = await patient();
    await buyer.order();
    market.services.queue.reply = (response) => response.end();
    expect((await buyer.order({ body: '{"sku":2}' })).status).toBe(422);
  });
});

describe.skipIf(external)('a gateway that is killed in the middle of a request', () => {
  it('holds the key for the lease, and lets it through to the service after that', async () => {
    market.services.queue.reply = () => undefined;
    const buyer = await patient();
    const lost = buyer.order().catch((error: Error) => error);
    await until(() => seen().length === 1, 'the request');
    const [worker] = childrenOf(market.gateway.pid ?? 0);
    process.kill(worker ?? 0, 'SIGKILL');
    expect(await lost).toBeInstanceOf(Error);

    market.services.queue.reply = (response) => response.writeHead(201).end('ordered before');
    await until(async () => (await market.get('/api/orders')).status === 401, 'the next worker');
    expect(await waitOut(buyer)).toMatchObject({ status: 201, text: 'ordered before' });
    expect(seen().map(({ headers }) => headers['x-idempotency-key'])).toEqual([buyer.key, buyer.key]);
    expect((await buyer.order()).headers['x-idempotency-status']).toBe('replayed');
  });
});

describe.skipIf(external)('a refusal of the gateway\u2019s own', () => {
  it('for too many requests does not use the key up', async () => {
    const { own, key, order } = await buyerAt(market);
    await until(async () => {
      const read = await market.get('/api/orders', { headers: own });
      return read.status === 429;
    }, '429');
    const before = await market.redis.client.dbsize();
    expect((await order()).status).toBe(429);
    expect(await market.redis.client.dbsize()).toBe(before);
    const written = () => seen().filter(({ headers }) => headers['x-idempotency-key'] === key);
    expect(written()).toHaveLength(0);
  });
});

describe.skipIf(external)('a purchase that was refused while Redis hung', () => {
  it('can be made with its key when Redis is back, although Redis then carries the claim out', async () => {
    const { own, order } = await patient();
    // The session is known now: the claim is the first that Redis does not answer.
    await market.get('/api/payments', { headers: own });
    const before = seen().length;
    market.redis.hang();
    expect((await order({ path: '/api/payments' })).json).toMatchObject({ status: 503, code: 'IDEM_5030' });
    expect(seen()).toHaveLength(before);
    market.redis.resume();
    await until(async () => (await market.redis.client.keys('idempotency:*')).length > 0, 'the late claim');
    const paid = await until(async () => {
      const answer = await order({ path: '/api/payments' });
      return answer.status === 200 && answer;
    }, 'the payment');
    expect(paid.headers['x-idempotency-status']).toBeUndefined();
    expect(seen()).toHaveLength(before + 1);
  });
});

describe.skipIf(external)('an answer that Redis would not take', () => {
  const ANSWERS: [number, string, string | undefined, number][] = [
    [201, 'is given again', 'replayed', 1],
    [500, 'frees the key', undefined, 2],
  ];

  it.each(ANSWERS)('of status %i %s when Redis takes it', async (status, _, marked, requests) => {
    market.services.queue.reply = async (response) => {
      await market.redis.client.acl('SETUSER', 'default', '-@scripting');
      response.writeHead(status).end('answered');
    };
    const { order } = await patient();
    expect(await order({ path: '/api/payments' })).toMatchObject({ status, text: 'answered' });
    market.services.queue.reply = (response) => response.writeHead(201).end('answered');
    await market.redis.client.acl('SETUSER', 'default', '+@scripting');
    const again = await until(async () => {
      const answer = await order({ path: '/api/payments' });
      return answer.status === 201 && answer;
    }, 'the second answer');
    expect(again.text).toBe('answered');
    expect(again.headers['x-idempotency-status']).toBe(marked);
    expect(seen()).toHaveLength(requests);
  });
});

describe.skipIf(external)('a record', () => {
  it('lives as long as its lease, and then as long as its answer is kept', async () => {
    const earlier = new Set(await records(market));
    let finish: () => void = () => undefined;
    market.services.queue.reply = (response) => {
      finish = () => response.end();
    };
    const { order } = await buyerAt(market);
    const first = order({ path: '/api/payments' });
    await until(() => seen().length === 1, 'the request');
    const [record = ''] = (await records(market)).filter((name) => !earlier.has(name));
    expect(await market.redis.client.pttl(record)).toBeGreaterThan(50_000);
    finish();
    expect((await first).status).toBe(200);
    expect(await market.redis.client.pttl(record)).toBeLessThanOrEqual(10_000);
  });
});

describe.skipIf(external)('a body over the limit of the route', () => {
  it.each([
    ['in one piece', ['a'.repeat(1001)], {}],
    ['in chunks', ['a'.repeat(600), 'a'.repeat(401)], { 'transfer-encoding': 'chunked' }],
  ])('is refused %s, never let through without its key', async (_, parts, headers) => {
    const { order } = await buyerAt(market);
    const path = '/api/reservations';
    const body = parts.length === 1 ? parts.join('') : parts;
    expect((await order({ path, body, headers })).json).toMatchObject({ status: 413, code: 'REQ_4130' });
    expect(seen()).toHaveLength(0);
    expect((await order({ path, body: 'a'.repeat(1000) })).status).toBe(200);
  });
});
