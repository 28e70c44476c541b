import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Call } from './support/client.ts';
import { external, type Market, openMarket } from './support/market.ts';

/** Every route leads to its own path of the service, so an answer names the route. */
const ROUTES: [name: string, match: string][] = [
  ['prefix', 'paths: [/shop]'],
  ['longer-prefix', 'paths: [/shop/cart]'],
  ['regex', 'paths: ["~/shop/\\\\d+$"]'],
  ['regex-first', 'paths: ["~/shop/42$"], regex_priority: 5'],
  ['method', 'paths: [/shop], methods: [PUT]'],
  ['host', 'paths: [/shop], hosts: [seller.market]'],
  ['wildcard', 'paths: [/shop], hosts: ["*.seller.market"]'],
  ['header', 'paths: [/shop], headers: { x-beta: ["yes", "on"] }'],
  ['header-regex', 'paths: [/shop], headers: { x-build: ["~*^v[0-9]+$"] }'],
  ['two-headers', 'paths: [/shop], headers: { x-beta: ["yes"], x-build: ["v1"] }'],
  ['method-and-header', 'paths: [/shop], methods: [PUT], headers: { x-beta: ["yes"] }'],
  ['only-host', 'hosts: [only.market]'],
];

const TEMPLATE = `
_format_version: "3.0"
services:
${ROUTES.map(
  ([name, match]) => `  - name: ${name}
    url: \${BFF_SERVICE_URL}/is-${name}/
    routes: [{ name: ${name}, ${match} }]`,
).join('\n')}
`;

let market: Market;

beforeAll(async () => {
  if (!external) market = await openMarket({ template: TEMPLATE });
});

afterAll(() => market?.close());

describe.skipIf(external)('the route that says most about a request wins', () => {
  const cases: [string, string, Call][] = [
    ['prefix', '/shop', {}],
    ['prefix', '/shopping', {}],
    ['prefix', '/shop/x', {}],
    ['longer-prefix', '/shop/cart/1', {}],
    ['regex', '/shop/7', {}],
    ['regex-first', '/shop/42', {}],
    ['prefix', '/shop/7x', {}],
    ['method', '/shop', { method: 'PUT' }],
    ['method', '/shop/cart', { method: 'PUT' }],
    ['host', '/shop', { headers: { host: 'seller.market' } }],
    ['host', '/shop', { headers: { host: 'SELLER.market:8000' } }],
    ['wildcard', '/shop', { headers: { host: 'one.seller.market' } }],
    ['prefix', '/shop', { headers: { host: 'seller.market.evil' } }],
    ['header', '/shop', { headers: { 'x-beta': 'on' } }],
    ['header', '/shop', { headers: { 'X-Beta': 'YES' } }],
    ['header-regex', '/shop', { headers: { 'x-build': 'v12' } }],
    ['prefix', '/shop', { headers: { 'x-build': 'nightly' } }],
    ['two-headers', '/shop', { headers: { 'x-beta': 'yes', 'x-build': 'v1' } }],
    ['method-and-header', '/shop', { method: 'PUT', headers: { 'x-beta': 'yes' } }],
    ['only-host', '/anything', { headers: { host: 'only.market' } }],
  ];

  it.each(cases)('%s takes %s %o', async (route, path, call) => {
    const answer = await market.get(path, call);
    expect(String(answer.json['url']).split('/')[1]).toBe(`is-${route}`);
  });
});
