import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { external, type Market, openMarket } from './support/market.ts';

const TEMPLATE = `
_format_version: "3.0"
services:
  - name: a
    url: \${BFF_SERVICE_URL}
    routes:
      - { name: prefix, paths: [/shop], strip_path: false }
      - { name: stripped, paths: [/strip] }
      - { name: own-host, paths: [/own-host], preserve_host: true }
      - { name: secure, paths: [/secure], protocols: [https] }
      - { name: moved, paths: [/moved], protocols: [https], https_redirect_status_code: 308 }
  - name: b
    url: \${QUEUE_SERVICE_URL}/base
    routes:
      - { name: based, paths: [/based] }
      - { name: based-whole, paths: [/whole], strip_path: false }
plugins:
  - name: correlation-id
    config: { header_name: X-Request-Id, generator: uuid, echo_downstream: true }
`;

let market: Market;

beforeAll(async () => {
  if (!external) market = await openMarket({ template: TEMPLATE });
});

afterAll(() => market?.close());

async function urlOf(path: string): Promise<unknown> {
  const answer = await market.get(path);
  return answer.status === 200 ? answer.json['url'] : answer.status;
}

describe.skipIf(external)('a path', () => {
  it.each([
    ['/strip/a/b?c=d', '/a/b?c=d'],
    ['/strip', '/'],
    ['/strip/', '/'],
    ['/based/x', '/base/x'],
    ['/based', '/base'],
    ['/whole/x', '/base/whole/x'],
    ['/shop?', '/shop?'],
    ['/shop/%ED%95%9C', '/shop/%ED%95%9C'],
    ['/shop/a%20b', '/shop/a%20b'],
  ])('%s arrives as %s', async (path, expected) => {
    expect(await urlOf(path)).toBe(expected);
  });

  it.each([
    ['/x/../shop/1', '/shop/1'],
    ['/./shop//1', '/shop/1'],
    ['/%73hop/1', '/shop/1'],
    ['/shop/%2e%2e/shop/1', '/shop/1'],
    ['/shop/a%2fb', '/shop/a%2Fb'],
  ])('%s is the same as %s', async (path, expected) => {
    expect(await urlOf(path)).toBe(expected);
  });

  it.each(['/', '/sho', '/SHOP', '/shop/../', '/nothing'])('%s has no route', async (path) => {
    const answer = await market.get(path);
    expect(answer.status).toBe(404);
    expect(answer.json).toEqual({ message: 'no Route matched with those values' });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe.skipIf(external)('a path above the root', () => {
  it('is refused', async () => {
    expect((await market.get('/shop/../..')).status).toBe(400);
  });
});

describe.skipIf(external)('the Host of the service', () => {
  it('is its own unless the route preserves the client\u2019s', async () => {
    const own = await market.get('/strip', { headers: { host: 'shop.market' } });
    expect(own.json['headers']).toMatchObject({ host: new URL(market.services.bff.url).host });
    const kept = await market.get('/own-host', { headers: { host: 'shop.market' } });
    expect(kept.json['headers']).toMatchObject({ host: 'shop.market', 'x-forwarded-host': 'shop.market' });
  });
});

describe.skipIf(external)('a route for https only', () => {
  it('asks for an upgrade', async () => {
    const answer = await market.get('/secure');
    expect(answer.status).toBe(426);
    expect(answer.json).toEqual({ message: 'Please use HTTPS protocol' });
  });

  it('redirects where it is told to', async () => {
    const answer = await market.get('/moved/x?y=1', { headers: { host: 'shop.market' } });
    expect(answer.status).toBe(308);
    expect(answer.headers.location).toBe('https://shop.market/moved/x?y=1');
  });

  it('believes a trusted peer about the protocol', async () => {
    const answer = await market.get('/secure', { headers: { 'x-forwarded-proto': 'https' } });
    expect(answer.status).toBe(200);
  });
});
