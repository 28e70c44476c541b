import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Market, openMarket } from './support/market.ts';
import { buyerAt, type Order, records, sell } from './support/orders.ts';

let market: Market;

beforeAll(async () => {
  market = await openMarket({ env: { RATE_LIMIT_PURCHASE: '100000', RATE_LIMIT_MEMBER: '100000' } });
});

afterEach(() => {
  for (const name of ['member', 'queue'] as const) market.services[name].reset();
});

afterAll(() => market.close());

const seen = () => market.services.queue.seen.length;

describe('the same request with the same key', () => {
  it('gets the same answer, and is sent once', async () => {
    sell(market);
    const { order, key } = await buyerAt(market);
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

  it('leaves nothing of one client or one request in the record', async () => {
    const earlier = new Set(await records(market));
    market.services.queue.reply = (response) => {
      response.writeHead(201, {
        'set-cookie': ['session=secret-1', 'theme=secret-2'],
        'x-request-id': 'secret-3',
        traceparent: 'secret-4',
        'server-timing': 'secret-5',
        'x-ratelimit-remaining-minute': 'secret-6',
        'keep-alive': 'secret-7',
        'x-kept': 'kept',
      });
      response.end('ordered');
    };
    await (await buyerAt(market)).order();
    const [name = ''] = (await records(market)).filter((record) => !earlier.has(record));
    const record = await market.redis.client.hgetall(name);
    expect(record['headers']).toContain('kept');
    expect(JSON.stringify(record)).not.toContain('secret');
    expect(Object.keys(record).sort()).toEqual(['body', 'fingerprint', 'headers', 'state', 'status']);
  });

  const gzipped = gzipSync('{"order":1}');
  const every = Buffer.from(Array.from({ length: 1024 }, (_, index) => index % 256));
  const ANSWERS: [string, (response: ServerResponse) => void, Buffer][] = [
    ['every byte there is', (response) => response.end(every), every],
    [
      'compressed bytes',
      (response) =>
        response
          .writeHead(201, { 'content-encoding': 'gzip', 'content-type': 'application/json' })
          .end(gzipped),
      gzipped,
    ],
    ['nothing at all', (response) => response.writeHead(204).end(), Buffer.alloc(0)],
    [
      'many chunks',
      (response) => {
        for (let part = 0; part < 20; part += 1) response.write(every);
        response.end();
      },
      Buffer.concat(Array.from({ length: 20 }, () => every)),
    ],
  ];

  it.each(ANSWERS)('gets an answer of %s back byte for byte', async (_, reply, body) => {
    market.services.queue.reply = reply;
    const { order } = await buyerAt(market);
    const [first, second] = [await order(), await order()];
    expect(second.headers['x-idempotency-status']).toBe('replayed');
    for (const answer of [first, second]) expect(answer.body.equals(body)).toBe(true);
    expect(second.status).toBe(first.status);
    for (const name of ['content-encoding', 'content-type'])
      expect(second.headers[name]).toBe(first.headers[name]);
    expect(seen()).toBe(1);
  });

  it('gets a refusal that is final again', async () => {
    market.services.queue.reply = (response) => response.writeHead(422).end('sold out');
    const { order } = await buyerAt(market);
    await order();
    expect(await order()).toMatchObject({ status: 422, text: 'sold out' });
    expect(seen()).toBe(1);
  });
});

describe('another request with the same key', () => {
  const nines = 'a'.repeat(9 * 1024);
  const million = 'a'.repeat(1024 * 1024 - 1);
  const OTHERS: [string, Order, Order?][] = [
    ['body', { body: '{"sku":2}' }],
    ['last byte of 9 KB', { body: `${nines}2` }, { body: `${nines}1` }],
    ['last byte of 1 MB', { body: `${million}2` }, { body: `${million}1` }],
    ['query', { path: '/api/orders?a=1' }],
    ['query, although it reads alike', { path: '/api/orders?a=1&b=2' }, { path: '/api/orders?a=1%3Ab%3D2' }],
    ['path', { path: '/api/payments' }],
    ['content type', { headers: { 'content-type': 'text/plain' } }],
  ];

  it.each(OTHERS)('is refused for its %s', async (_, other, first = {}) => {
    market.services.queue.reply = (response) => response.writeHead(201).end();
    const { order } = await buyerAt(market);
    expect((await order(first)).status).toBe(201);
    expect((await order(other)).json).toMatchObject({ status: 422, code: 'IDEM_4220' });
    expect((await order(first)).headers['x-idempotency-status']).toBe('replayed');
    expect(seen()).toBe(1);
  });

  it('is fine from another member', async () => {
    sell(market);
    const one = await buyerAt(market);
    const two = await buyerAt(market);
    const first = await one.order();
    const answer = await two.order({ headers: { 'x-idempotency-key': one.key }, body: '{"sku":2}' });
    expect(answer.headers['x-idempotency-status']).toBeUndefined();
    expect(seen()).toBe(2);
    expect((await one.order()).text).toBe(first.text);
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

  it.each([
    '',
    ' ',
    'a b',
    'x'.repeat(129),
    'schl\u00fcssel',
    '"open',
    '""',
    '"a"b"',
    'a,b',
    'a\tb',
    '\u0080',
  ])('is refused when it is %j', async (key) => {
    const { order } = await buyerAt(market);
    const answer = await order({ headers: { 'x-idempotency-key': key } });
    expect(answer.json).toMatchObject({ status: 400, code: 'IDEM_4000' });
    expect(seen()).toBe(0);
  });

  it('is refused when there are two, even of the same name', async () => {
    const { order } = await buyerAt(market);
    const doubled: Order['headers'][] = [
      { 'idempotency-key': 'another' },
      { 'x-idempotency-key': ['one', 'two'] },
      { 'x-idempotency-key': ['one', 'one'] },
    ];
    for (const headers of doubled) {
      expect((await order({ headers: headers ?? {} })).json).toMatchObject({
        status: 400,
        code: 'IDEM_4000',
      });
    }
    expect(seen()).toBe(0);
  });

  it('is the same with quotes and without, and by the name that the standard gives it', async () => {
    sell(market);
    const { own, key, order } = await buyerAt(market);
    const first = await order({ headers: { 'x-idempotency-key': `"${key}"` } });
    const again = [
      await order(),
      await order({ headers: { 'idempotency-key': `"${key}"` } }),
      await market.get('/api/orders', {
        method: 'POST',
        headers: { ...own, 'idempotency-key': `"${key}"` },
        body: '{"sku":1}',
      }),
    ];
    for (const { headers, text } of again) {
      expect(headers['x-idempotency-status']).toBe('replayed');
      expect(text).toBe(first.text);
    }
    expect(seen()).toBe(1);
    expect(market.services.queue.seen[0]?.headers['x-idempotency-key']).toBe(key);
  });

  it('may have 128 characters', async () => {
    const { order } = await buyerAt(market);
    const headers = { 'x-idempotency-key': 'k'.repeat(128) };
    expect((await order({ headers })).status).toBe(200);
    expect((await order({ headers })).headers['x-idempotency-status']).toBe('replayed');
  });

  it('means nothing to a read', async () => {
    const { own, key } = await buyerAt(market);
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
