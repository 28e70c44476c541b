import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Call } from './support/client.ts';
import { external, type Market, openMarket } from './support/market.ts';
import { until } from './support/until.ts';

let market: Market;

beforeAll(async () => {
  market = await openMarket({ env: { RATE_LIMIT_PURCHASE: '100000', RATE_LIMIT_MEMBER: '100000' } });
});

afterEach(() => {
  for (const name of ['member', 'queue'] as const) market.services[name].reset();
});

afterAll(() => market.close());

const seen = () => market.services.queue.seen.length;

interface Order {
  headers?: Record<string, string>;
  body?: Call['body'];
  path?: string;
  method?: string;
}

/** Orders of one member under one key. */
async function member() {
  const own = { ...(await market.as()), 'content-type': 'application/json' };
  const key = randomUUID();
  const order = ({
    headers = {},
    body = '{"sku":1}',
    path = '/api/orders',
    method = 'POST',
  }: Order = {}): Promise<Answer> =>
    market.get(path, { method, headers: { ...own, 'x-idempotency-key': key, ...headers }, body });
  return { own, key, order };
}

function created() {
  market.services.queue.reply = (response, { body }) => {
    response.writeHead(201, {
      location: `/api/orders/${seen()}`,
      'content-type': 'application/json',
      'set-cookie': 'session=1',
      'x-request-id': 'of-the-service',
    });
    response.end(JSON.stringify({ order: seen(), body: body.toString() }));
  };
}

describe('the same request with the same key', () => {
  it('gets the same answer, and is sent once', async () => {
    created();
    const { order, key } = await member();
    const first = await order();
    expect(first.status).toBe(201);
    expect(first.headers['x-idempotency-status']).toBeUndefined();
    const second = await order({ headers: { 'x-request-id': 'second-request' } });
    expect(second).toMatchObject({ status: 201, text: first.text });
    expect(second.headers).toMatchObject({
      'x-idempotency-status': 'replayed',
      location: first.headers.location,
      'content-type': 'application/json',
      'x-request-id': 'second-request',
    });
    expect(second.headers['set-cookie']).toBeUndefined();
    expect(seen()).toBe(1);
    expect(market.services.queue.seen[0]?.headers['x-idempotency-key']).toBe(key);
  });

  it('is sent once however many come at once', async () => {
    market.services.queue.reply = (response) => {
      setTimeout(() => response.writeHead(201).end('done'), 150);
    };
    const { order } = await member();
    const answers = await Promise.all(Array.from({ length: 50 }, () => order()));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(49);
    const waiting = answers.find(({ status }) => status === 409);
    expect(waiting?.json).toMatchObject({ code: 'IDEM_4090' });
    expect(waiting?.headers['retry-after']).toBe('1');
    expect(seen()).toBe(1);
    expect(await order()).toMatchObject({ status: 201, text: 'done' });
  });

  it('gets an answer of any bytes back', async () => {
    const bytes = Buffer.from(Array.from({ length: 1024 }, (_, index) => index % 256));
    market.services.queue.reply = (response) => response.end(bytes);
    const { order } = await member();
    await order();
    expect((await order()).body.equals(bytes)).toBe(true);
  });

  it('may name the key as the standard does', async () => {
    created();
    const { own, key, order } = await member();
    await order();
    const headers = { ...own, 'idempotency-key': `"${key}"` };
    const again = await market.get('/api/orders', { method: 'POST', headers, body: '{"sku":1}' });
    expect(again.headers['x-idempotency-status']).toBe('replayed');
    expect(seen()).toBe(1);
  });

  it('keeps a refusal that is final', async () => {
    market.services.queue.reply = (response) => response.writeHead(422).end('sold out');
    const { order } = await member();
    await order();
    expect(await order()).toMatchObject({ status: 422, text: 'sold out' });
    expect(seen()).toBe(1);
  });
});

describe('another request with the same key', () => {
  const OTHERS: [string, Order][] = [
    ['body', { body: '{"sku":2}' }],
    ['query', { path: '/api/orders?a=1' }],
    ['path', { path: '/api/orders/1/cancel' }],
    ['content type', { headers: { 'content-type': 'text/plain' } }],
  ];

  it.each(OTHERS)('is refused for its %s', async (_, other) => {
    const { order } = await member();
    await order();
    expect((await order(other)).json).toMatchObject({ status: 422, code: 'IDEM_4220' });
    expect(seen()).toBe(1);
  });

  it('is not mixed up where parts run into each other', async () => {
    const { order } = await member();
    await order({ path: '/api/orders?a=1%3Ab%3D2' });
    expect((await order({ path: '/api/orders?a=1&b=2' })).status).toBe(422);
  });

  it('is fine from another member', async () => {
    created();
    const one = await member();
    const two = await member();
    await one.order();
    const answer = await two.order({ headers: { 'x-idempotency-key': one.key } });
    expect(answer.headers['x-idempotency-status']).toBeUndefined();
    expect(seen()).toBe(2);
  });
});

describe('a key', () => {
  it('is needed to buy', async () => {
    for (const path of ['/api/orders', '/api/payments', '/api/reservations']) {
      const answer = await market.get(path, { method: 'POST', headers: await market.as() });
      expect(answer.json).toMatchObject({ status: 400, code: 'IDEM_4000' });
    }
    expect(seen()).toBe(0);
  });

  it.each(['', ' ', 'a b', 'x'.repeat(129), 'schl\u00fcssel', '"open'])(
    'is refused when it is %j',
    async (key) => {
      const { order } = await member();
      const answer = await order({ headers: { 'x-idempotency-key': key } });
      expect(answer.json).toMatchObject({ status: 400, code: 'IDEM_4000' });
    },
  );

  it('is refused when there are two', async () => {
    const { order } = await member();
    expect((await order({ headers: { 'idempotency-key': 'another' } })).status).toBe(400);
  });

  it('means nothing to a read', async () => {
    const { own, key } = await member();
    for (let time = 0; time < 2; time += 1) {
      const answer = await market.get('/api/orders', { headers: { ...own, 'x-idempotency-key': key } });
      expect(answer.headers['x-idempotency-status']).toBeUndefined();
    }
    expect(seen()).toBe(2);
  });

  it('may be left out for the cart, and protects it when it is there', async () => {
    const headers = await market.as();
    const put = (more = {}) =>
      market.get('/api/cart/items', { method: 'POST', headers: { ...headers, ...more }, body: '{}' });
    await put();
    await put();
    expect(market.services.member.seen).toHaveLength(2);
    const key = { 'x-idempotency-key': randomUUID() };
    await put(key);
    expect((await put(key)).headers['x-idempotency-status']).toBe('replayed');
    expect(market.services.member.seen).toHaveLength(3);
  });
});

describe('a key is free again', () => {
  it.each([401, 403, 408, 409, 425, 429, 500, 502, 503])('after %i', async (status) => {
    market.services.queue.reply = (response) => response.writeHead(status).end();
    const { order } = await member();
    expect((await order()).status).toBe(status);
    created();
    const again = await order();
    expect(again.status).toBe(201);
    expect(again.headers['x-idempotency-status']).toBeUndefined();
  });

  it('after a refused connection', async () => {
    const { order } = await member();
    await order();
    const next = await member();
    await market.services.queue.stop();
    const refused = await until(async () => {
      const answer = await next.order();
      return answer.status === 502 && answer;
    }, '502');
    expect(refused.json).toMatchObject({ code: 'SYS_5002' });
    await market.services.queue.start();
    expect((await next.order()).status).toBe(200);
  });
});

describe('a key is held while nobody knows what happened', () => {
  it.each(['no answer', 'half an answer'])('after %s', async (kind) => {
    market.services.queue.reply = (response) => {
      if (kind === 'no answer') return void response.socket?.destroy();
      response.writeHead(201, { 'content-length': 100 });
      response.write('half', () => response.socket?.destroy());
    };
    const { order } = await member();
    expect((await order()).json).toMatchObject({ status: 502, code: 'SYS_5002' });
    created();
    const again = await order();
    expect(again.json).toMatchObject({ status: 409, code: 'IDEM_4090' });
    expect(Number(again.headers['retry-after'])).toBeGreaterThan(0);
    expect(seen()).toBe(1);
  });

  it('and goes through to the service when the lease is over', async () => {
    market.services.queue.reply = (response) => void response.socket?.destroy();
    const { order } = await member();
    await order();
    created();
    for (const key of await market.redis.client.keys('idempotency:*')) {
      if ((await market.redis.client.hget(key, 'lease')) !== null)
        await market.redis.client.hset(key, 'lease', 1);
    }
    expect((await order()).status).toBe(201);
    expect((await order()).headers['x-idempotency-status']).toBe('replayed');
    expect((await order({ body: '{"sku":2}' })).status).toBe(422);
  });
});

describe('a client that hangs up', () => {
  it('gets its answer at the next try', async () => {
    let finish: () => void = () => undefined;
    market.services.queue.reply = (response) => {
      finish = () => response.writeHead(201).end('paid');
    };
    const { own, key, order } = await member();
    const body = '{"sku":1}';
    const { hostname, port } = new URL(market.gateway.url);
    const early = request({
      hostname,
      port,
      path: '/api/orders',
      method: 'POST',
      headers: { ...own, 'x-idempotency-key': key },
      agent: false,
    });
    early.on('error', () => undefined);
    early.end(body);
    await until(() => seen() === 1, 'the request');
    early.destroy();
    await until(async () => (await order()).status === 409, 'the second try');
    finish();
    const answer = await until(async () => {
      const next = await order();
      return next.status !== 409 && next;
    }, 'the answer');
    expect(answer).toMatchObject({ status: 201, text: 'paid' });
    expect(answer.headers['x-idempotency-status']).toBe('replayed');
    expect(seen()).toBe(1);
  });
});

describe('sizes', () => {
  it('of a body over the limit are refused, in one piece or in many', async () => {
    const { order } = await member();
    const whole = await order({ body: Buffer.alloc(1_100_000) });
    expect(whole.status).toBe(413);
    const parts = Array.from({ length: 11 }, () => Buffer.alloc(100_000));
    const chunked = await order({ body: parts, headers: { 'transfer-encoding': 'chunked' } });
    expect(chunked.status).toBe(413);
    expect(seen()).toBe(0);
  });

  it('of a body that is spooled to a file count in the fingerprint', async () => {
    const { order } = await member();
    await order({ body: `${'a'.repeat(300_000)}1` });
    expect(market.services.queue.seen[0]?.body.length).toBe(300_001);
    expect((await order({ body: `${'a'.repeat(300_000)}2` })).status).toBe(422);
    expect((await order({ body: `${'a'.repeat(300_000)}1` })).headers['x-idempotency-status']).toBe(
      'replayed',
    );
  });

  it('of an answer over the limit leave the fact, not the answer', async () => {
    market.services.queue.reply = (response) => response.end(Buffer.alloc(1_100_000));
    const { order } = await member();
    expect((await order()).body.length).toBe(1_100_000);
    expect((await order()).json).toMatchObject({ status: 409, code: 'IDEM_4090' });
    expect(seen()).toBe(1);
  });
});

describe.skipIf(external)('with Redis down', () => {
  it('nobody can buy, and the cart goes on', async () => {
    await market.redis.stop();
    const { order } = await member();
    const refused = await order();
    expect(refused.json).toMatchObject({ status: 503, code: 'IDEM_5030' });
    expect(refused.headers['retry-after']).toBe('1');
    expect(seen()).toBe(0);
    const headers = { ...(await market.as()), 'x-idempotency-key': randomUUID() };
    expect((await market.get('/api/cart/items', { method: 'POST', headers, body: '{}' })).status).toBe(200);
    await market.redis.start();
    await until(async () => (await order()).status === 200, 'orders again', 5_000);
  });
});
