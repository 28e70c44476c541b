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

describe('the credential of a request', () => {
  it('takes the scheme in any case, with spaces around the token', async () => {
    for (const scheme of ['bEaReR', 'Bearer  ', 'BEARER']) {
      const authorization = `${scheme} ${await market.token()} `;
      expect((await market.get('/api/me', { headers: { authorization } })).status).toBe(200);
    }
  });

  it('answers 401 and asks for a Bearer', async () => {
    const answer = await market.get('/api/me');
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="doa-market"');
    expect(answer.headers['cache-control']).toBe('private, no-store');
    expect(answer.json).toMatchObject({ code: 'AUTH_1001', requestId: answer.headers['x-request-id'] });
  });

  it('answers 401 to another scheme', async () => {
    const answer = await market.get('/api/me', { headers: { authorization: 'Basic YTpi' } });
    expect(answer.json).toMatchObject({ status: 401, code: 'AUTH_1001' });
  });

  it('answers 400 to two Authorization headers', async () => {
    const token = await market.token();
    const headers = [
      'Authorization',
      `Bearer ${token}`,
      'Authorization',
      `Bearer ${token}`,
      'Host',
      'market',
    ];
    for (const path of ['/api/me', '/api/auth/guest', '/api/v1/images/a/1.webp']) {
      expect((await market.get(path, { headers })).json).toMatchObject({ status: 400, code: 'REQ_4000' });
    }
    expect(market.services.bff.seen).toHaveLength(0);
  });
});

describe('roles', () => {
  const cases: [string, string, string, number][] = [
    ['GUEST', 'GET', '/api/home', 200],
    ['GUEST', 'GET', '/api/v1/products', 200],
    ['GUEST', 'GET', '/api/cart', 200],
    ['GUEST', 'PUT', '/api/cart/items/1', 200],
    ['GUEST', 'GET', '/api/v1/skus?ids=1', 200],
    ['GUEST', 'GET', '/api/wishlist', 403],
    ['GUEST', 'PUT', '/api/wishlist/1', 403],
    ['GUEST', 'GET', '/api/me', 403],
    ['GUEST', 'GET', '/api/members/me', 403],
    ['GUEST', 'GET', '/api/orders', 403],
    ['GUEST', 'GET', '/api/queue/1/status', 403],
    ['MEMBER', 'GET', '/api/orders', 200],
    ['MEMBER', 'GET', '/api/queue/1/status', 200],
    ['GUEST', 'GET', '/api/queue/1', 200],
    ['GUEST', 'POST', '/api/queue/1/enter', 403],
    ['MEMBER', 'POST', '/api/queue/1/enter', 200],
    ['MEMBER', 'POST', '/api/queue/1/leave', 200],
    ['SELLER', 'PUT', '/api/queue/1', 403],
    ['SELLER', 'POST', '/api/queue/1/open', 403],
    ['SELLER', 'GET', '/api/queue/1/stats', 403],
    ['SELLER', 'GET', '/api/queue/1/live', 403],
    ['ADMIN', 'PUT', '/api/queue/1', 200],
    ['ADMIN', 'POST', '/api/queue/1/pause', 200],
    ['ADMIN', 'GET', '/api/queue/1/stats', 200],
    ['GUEST', 'POST', '/api/orders/1/cancel', 403],
    ['MEMBER', 'POST', '/api/orders/1/cancel', 200],
    ['SELLER', 'POST', '/api/orders/1/ship', 403],
    ['ADMIN', 'POST', '/api/orders/1/ship', 200],
    ['MEMBER', 'POST', '/api/payments/1/complete', 200],
    ['MEMBER', 'POST', '/api/v1/products', 403],
    ['SELLER', 'POST', '/api/v1/products', 200],
    ['GUEST', 'POST', '/api/v1/products/mug/views', 200],
    ['GUEST', 'GET', '/api/v1/products/mug/reviews', 200],
    ['GUEST', 'POST', '/api/v1/products/mug/reviews', 403],
    ['GUEST', 'GET', '/api/v1/products/mug/reviews/own', 403],
    ['MEMBER', 'POST', '/api/v1/products/mug/reviews', 200],
    ['MEMBER', 'DELETE', '/api/v1/reviews/1', 200],
    ['MEMBER', 'PUT', '/api/v1/reviews/1/status', 403],
    ['ADMIN', 'DELETE', '/api/v1/products/1', 200],
  ];

  it.each(cases)('%s %s %s is %i', async (role, method, path, status) => {
    const answer = await market.get(path, { method, headers: await market.as(role) });
    expect(answer.status).toBe(status);
    if (status === 403) {
      expect(answer.json).toMatchObject({ code: 'AUTH_1003' });
      expect(answer.headers['www-authenticate']).toContain('error="insufficient_scope"');
    }
  });

  it('lets anybody see pictures, even with a token that is no good', async () => {
    const path = '/api/v1/images/0123456789abcdef0123456789abcdef/320.webp';
    expect((await market.get(path)).status).toBe(200);
    expect((await market.get(path, { headers: { authorization: 'Bearer rubbish' } })).status).toBe(200);
  });

  it('leaves the Basic credential of a login to auth-server', async () => {
    const authorization = 'Basic ZG9hLXdlYjpzZWNyZXQ=';
    const answer = await market.get('/api/auth/login', {
      method: 'POST',
      headers: { authorization },
      body: '{}',
    });
    expect(answer.status).toBe(200);
    expect(answer.json['headers']).toMatchObject({ authorization });
  });
});
