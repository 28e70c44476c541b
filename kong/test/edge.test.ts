import { until } from '@doa-market/common/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Market, openMarket } from './support/market.ts';

let market: Market;

beforeAll(async () => {
  market = await openMarket();
});

afterEach(() => {
  for (const name of ['member', 'product', 'queue', 'bff'] as const) market.services[name].reset();
});

afterAll(() => market.close());

/** An id of the length that all have: a hundred of them are the longest query that the services take. */
const ID = '01980000-0000-7000-8000-000000000000';

describe('the routes of the market', () => {
  const ROUTES: [string, string, keyof Market['services']][] = [
    ['GET', '/api/home', 'bff'],
    ['GET', '/api/categories', 'bff'],
    ['GET', '/api/categories/living', 'bff'],
    ['GET', '/api/products/canvas-tote', 'bff'],
    ['GET', '/api/search?q=a', 'bff'],
    ['GET', '/api/search/suggest?q=a', 'bff'],
    ['GET', '/api/me', 'bff'],
    ['POST', '/api/auth/guest', 'auth'],
    ['POST', '/api/auth/login', 'auth'],
    ['POST', '/api/members', 'member'],
    ['GET', '/api/members/me/addresses', 'member'],
    ['POST', '/api/members/me/addresses', 'member'],
    ['PATCH', '/api/members/me/addresses/1', 'member'],
    ['DELETE', '/api/members/me/addresses/1', 'member'],
    ['GET', '/api/cart', 'member'],
    ['DELETE', '/api/cart', 'member'],
    ['POST', '/api/cart/items', 'member'],
    ['PUT', '/api/cart/items/1', 'member'],
    ['DELETE', '/api/cart/items/1', 'member'],
    ['POST', '/api/cart/merge', 'member'],
    ['GET', '/api/wishlist', 'member'],
    ['PUT', '/api/wishlist/1', 'member'],
    ['DELETE', '/api/wishlist/1', 'member'],
    ['GET', '/api/v1/products', 'product'],
    ['GET', '/api/v1/products/mug/reviews/own', 'product'],
    ['POST', '/api/v1/products/mug/reviews', 'product'],
    ['PATCH', '/api/v1/reviews/1', 'product'],
    ['DELETE', '/api/v1/reviews/1', 'product'],
    ['PUT', '/api/v1/reviews/1/status', 'product'],
    ['POST', '/api/v1/products/mug/views', 'product'],
    ['GET', `/api/v1/skus?ids=${Array(100).fill(ID).join(',')}`, 'product'],
    ['GET', '/api/events/1', 'product'],
    ['GET', '/api/v1/images/a/320.avif', 'product'],
    ['POST', '/api/v1/imports', 'product'],
    ['GET', '/api/v1/products.csv', 'product'],
    ['GET', '/api/queue/1/status', 'queue'],
    ['POST', '/api/queue/1/enter', 'queue'],
    ['GET', '/api/orders/1', 'queue'],
    ['GET', '/api/reservations/1', 'queue'],
    ['GET', '/api/payments/1', 'queue'],
  ];

  it.each(ROUTES)('%s %s leads to %s', async (method, path, service) => {
    const answer = await market.get(path, { method, headers: await market.as('ADMIN') });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ service, method, url: path });
  });

  it.each([
    '/internal/members',
    '/api/internal',
    '/health',
    '/ready',
    '/metrics',
    '/docs',
    '/.well-known/jwks.json',
    '/api',
    '/api/homes',
    '/api/home/x',
    '/api/orders/../../internal/members',
    '/api/ordersx',
    '/',
  ])('there is none to %s', async (path) => {
    const answer = await market.get(path, { headers: await market.as('ADMIN') });
    expect(answer.status).toBe(404);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json).toMatchObject({
      type: 'https://doa.market/problems/REQ_4040',
      title: 'Not Found',
      status: 404,
      code: 'REQ_4040',
      requestId: answer.headers['x-request-id'],
    });
  });
});

describe('a service that fails', () => {
  it.each(['/api/me', '/api/orders/1'])(
    'is a problem of 502 at %s when it breaks the connection',
    async (path) => {
      const breaking = (response: { socket: { destroy(): void } | null }) => void response.socket?.destroy();
      market.services.bff.reply = breaking;
      market.services.queue.reply = breaking;
      const answer = await market.get(path, { headers: await market.as() });
      expect(answer.status).toBe(502);
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(answer.json).toMatchObject({ code: 'SYS_5002', requestId: answer.headers['x-request-id'] });
      expect(answer.text).not.toContain('127.0.0.1');
    },
  );

  it('is a problem of 502 when it is not there, and not once it is back', async () => {
    await market.services.member.stop();
    const answer = await market.get('/api/cart', { headers: await market.as() });
    expect(answer.json).toMatchObject({ status: 502, code: 'SYS_5002' });
    await market.services.member.start();
    expect((await market.get('/api/cart', { headers: await market.as() })).status).toBe(200);
  });

  it('is passed on as it is when it answers itself', async () => {
    market.services.bff.reply = (response) => response.writeHead(503, { 'x-own': 'yes' }).end('own words');
    const answer = await market.get('/api/me', { headers: await market.as() });
    expect(answer).toMatchObject({ status: 503, text: 'own words' });
    expect(answer.headers['x-own']).toBe('yes');
  });

  it('answers HEAD without a body', async () => {
    const answer = await market.get('/nowhere', { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 404, text: '' });
  });
});

describe('a request id', () => {
  it.each(['0123abcd', 'a'.repeat(128), 'A-b_c.9-8'])('is taken over: %s', async (id) => {
    const answer = await market.get('/api/me', { headers: { ...(await market.as()), 'x-request-id': id } });
    expect(answer.headers['x-request-id']).toBe(id);
    expect(answer.json['headers']).toMatchObject({ 'x-request-id': id });
  });

  it.each(['short', 'a'.repeat(129), 'has a blank', '<script>alert(1)</script>'])(
    'is made anew for %s',
    async (id) => {
      const answer = await market.get('/api/me', { headers: { ...(await market.as()), 'x-request-id': id } });
      expect(answer.headers['x-request-id']).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
      expect(answer.json['headers']).toMatchObject({ 'x-request-id': answer.headers['x-request-id'] });
      const lost = await market.get('/nowhere', { headers: { 'x-request-id': id } });
      expect(lost.headers['x-request-id']).not.toBe(id);
    },
  );

  it('goes along with a traceparent', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const answer = await market.get('/api/me', { headers: { ...(await market.as()), traceparent } });
    expect(answer.json['headers']).toMatchObject({ traceparent });
  });
});

describe('another origin', () => {
  const origin = 'http://localhost:9000';

  it('is told what it may do, without a token', async () => {
    for (const path of ['/api/orders', '/api/v1/products', '/api/me']) {
      const answer = await market.get(path, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-a' },
      });
      expect(answer.status).toBe(200);
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'access-control-max-age': '600',
        vary: 'Origin',
      });
      expect(answer.headers['access-control-allow-methods']).toContain('PATCH');
      expect(answer.headers['access-control-allow-headers']).toContain('X-Idempotency-Key');
    }
  });

  it('may read answers only if it is ours', async () => {
    const answer = await market.get('/api/me', {
      headers: { ...(await market.as()), origin: 'https://evil.example' },
    });
    expect(answer.headers['access-control-allow-origin']).toBe(origin);
    expect(answer.headers.vary).toBe('Origin');
  });

  it('may read a refusal too', async () => {
    const answer = await market.get('/api/me', { headers: { origin } });
    expect(answer.status).toBe(401);
    expect(answer.headers['access-control-allow-origin']).toBe(origin);
  });
});

describe('headers that are too large', () => {
  it('are a problem of 400', async () => {
    const answer = await market.get('/api/me', { headers: { 'x-large': 'x'.repeat(20_000) } });
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json).toMatchObject({ status: 400, code: 'REQ_4000' });
  });
});

describe('a large body', () => {
  const megabyte = 1024 * 1024;

  it('is let through up to a megabyte', async () => {
    const answer = await market.get('/api/cart', {
      method: 'PUT',
      headers: await market.as(),
      body: Buffer.alloc(megabyte, 'a'),
    });
    expect(answer.status).toBe(200);
    expect(market.services.member.seen[0]?.body.length).toBe(megabyte);
  });

  it('is refused beyond it', async () => {
    const answer = await market.get('/api/cart', {
      method: 'PUT',
      headers: await market.as(),
      body: Buffer.alloc(megabyte + 1),
    });
    expect(answer.json).toMatchObject({ status: 413, code: 'REQ_4130' });
    expect(market.services.member.seen).toHaveLength(0);
  });

  it('is refused as well when it comes in pieces and does not say how long it is', async () => {
    const send = (body: Buffer[]) =>
      market.as().then((headers) => market.get('/api/cart', { method: 'PUT', headers, body }));
    const refused = await send([Buffer.alloc(megabyte), Buffer.alloc(1)]);
    expect(refused.json).toMatchObject({ status: 413, code: 'REQ_4130' });
    expect(market.services.member.seen).toHaveLength(0);
    expect((await send([Buffer.alloc(megabyte - 1), Buffer.alloc(1)])).status).toBe(200);
  });

  it.each(['/api/v1/images', '/api/v1/imports'])('may be ten of them from a seller, to %s', async (path) => {
    const call = { method: 'POST', headers: await market.as('SELLER') };
    const whole = await market.get(path, { ...call, body: Buffer.alloc(9 * megabyte, 1) });
    expect(whole.status).toBe(200);
    expect(market.services.product.seen[0]?.body.length).toBe(9 * megabyte);
    const body = Buffer.alloc(11 * megabyte);
    const larger = await market.get(path, { ...call, body }).catch(() => undefined);
    expect(larger?.status ?? 413).toBe(413);
  });

  it('comes back as large as it was sent', async () => {
    const large = Buffer.alloc(5 * megabyte, 'z');
    market.services.product.reply = (response) => response.end(large);
    const answer = await market.get('/api/v1/products', { headers: await market.as() });
    expect(answer.body.equals(large)).toBe(true);
  });
});

describe('the status listener', () => {
  const status = async (path: string) => fetch(new URL(path, market.gateway.statusUrl));

  it('says that the gateway is there, and ready', async () => {
    expect((await status('/status')).status).toBe(200);
    expect((await status('/status/ready')).status).toBe(200);
    expect((await status('/elsewhere')).status).toBe(404);
  });

  it('counts requests by service, route and code', async () => {
    await market.get('/api/me', { headers: await market.as() });
    await market.get('/api/me');
    const text = await until(async () => {
      const metrics = await (await status('/metrics')).text();
      return metrics.includes('code="401"') && metrics.includes('route="me",code="200"') && metrics;
    }, 'the counts of all workers');
    expect(text).toMatch(/# TYPE kong_http_requests_total counter/);
    expect(text).toMatch(
      /kong_http_requests_total\{service="bff",route="me",code="200",source="service",.*\} \d+/,
    );
    expect(text).toMatch(
      /kong_http_requests_total\{service="bff",route="me",code="401",source="exit",.*\} \d+/,
    );
    expect(text).toMatch(/kong_request_latency_ms_bucket\{service="bff",route="me",.*le="\+Inf"\} \d+/);
    const bounds = [
      ...text.matchAll(/^kong_request_latency_ms_bucket\{service="bff",route="me",.*le="(\d+)"/gm),
    ];
    expect(bounds.map(([, bound]) => bound).join(' ')).toBe(
      '25 50 80 100 250 400 700 1000 2000 5000 10000 30000 60000',
    );
    expect(text).toMatch(/kong_nginx_connections_total\{.*state="active"\} \d+/);
  });
});
