import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { external, type Market, openMarket } from './support/market.ts';

const ROUTES: Record<string, string> = {
  listed: 'origins: ["https://a.example", "http://b.example:8080"]',
  hosts: 'origins: [a.example, b.example]',
  pattern: 'origins: ["(.*[.])?a[.]example", "https://b.example"]',
  anyone: 'origins: ["*"], credentials: true',
};

const TEMPLATE = `
_format_version: "3.0"
services:
  - name: a
    url: \${BFF_SERVICE_URL}
    routes:
${Object.entries(ROUTES)
  .map(
    ([name, config]) => `      - name: ${name}
        paths: [/${name}]
        plugins: [{ name: cors, config: { ${config} } }]`,
  )
  .join('\n')}
`;

let market: Market;

beforeAll(async () => {
  if (!external) market = await openMarket({ template: TEMPLATE });
});

afterAll(() => market?.close());

describe.skipIf(external)('an origin', () => {
  it.each([
    ['listed', 'https://a.example', 'https://a.example'],
    ['listed', 'https://a.example:443', 'https://a.example'],
    ['listed', 'http://b.example:8080', 'http://b.example:8080'],
    ['listed', 'http://b.example', undefined],
    ['listed', 'https://a.example.evil', undefined],
    ['listed', 'null', undefined],
    ['hosts', 'https://a.example', undefined],
    ['pattern', 'https://shop.a.example:8443', 'https://shop.a.example:8443'],
    ['pattern', 'https://a.example.evil', undefined],
    ['pattern', 'https://evila.example', undefined],
    ['pattern', 'https://b.example', 'https://b.example'],
    ['anyone', 'https://whoever.example', 'https://whoever.example'],
  ])('on the route %s, %s may read for %s', async (route, origin, allowed) => {
    const preflight = { origin, 'access-control-request-method': 'PUT' };
    const asked = await market.get(`/${route}`, { method: 'OPTIONS', headers: preflight });
    const answered = await market.get(`/${route}`, { headers: { origin } });
    expect(asked.headers['access-control-allow-origin']).toBe(allowed);
    expect(answered.headers['access-control-allow-origin']).toBe(allowed);
    expect(asked.headers.vary).toBe('Origin');
  });
});
