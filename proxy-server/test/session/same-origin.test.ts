import { expect, test } from 'vitest';
import { cookieHeader } from '../support/browser.ts';
import { jwt, refreshToken, startGateway } from '../support/gateway.ts';
import { echo, startOrigin } from '../support/origin.ts';
import { startProxy } from '../support/proxy.ts';

async function surroundings(env: Record<string, string> = {}) {
  const web = await startOrigin(echo);
  const gateway = await startGateway();
  return { web, gateway, proxy: await startProxy({ web, gateway }, env) };
}
const SESSION = { Cookie: cookieHeader({ doa_at: jwt(), doa_rt: refreshToken() }) };
const JSON_BODY = { 'Content-Type': 'application/json' };

const FOREIGN: [string, Record<string, string>][] = [
  ['another origin', { Origin: 'https://evil.example' }],
  ['another port of this host', { Origin: 'http://127.0.0.1:1' }],
  ['this host by another scheme', { Origin: 'https://127.0.0.1' }],
  ['an origin that begins like ours', { Origin: 'http://127.0.0.1.evil.example' }],
  ['no origin at all', { Origin: 'null' }],
  ['a cross-site request without Origin', { 'Sec-Fetch-Site': 'cross-site' }],
  ['a neighbour of the same site', { 'Sec-Fetch-Site': 'same-site' }],
  ['an address bar', { 'Sec-Fetch-Site': 'none' }],
  ['nothing that says where it comes from', {}],
];

test('a change that comes from elsewhere is refused before anybody is asked', async () => {
  const { web, gateway, proxy } = await surroundings();
  for (const [from, claims] of FOREIGN) {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      for (const path of ['/api/cart/items', '/api/auth/logout', '/account', '/']) {
        const reply = await proxy.ask(path, { method, headers: { ...SESSION, ...claims } });
        expect({ from, method, path, status: reply.status }).toEqual({ from, method, path, status: 403 });
        expect(JSON.parse(reply.text)).toMatchObject({ code: 'AUTH_1008' });
        expect(reply.headers).not.toHaveProperty('set-cookie');
      }
    }
  }
  expect([...web.paths(), ...gateway.paths()]).toEqual([]);
});

test('an origin that is not ours is refused whatever else a request says', async () => {
  const { gateway, proxy } = await surroundings();
  for (const [from, claims] of FOREIGN.filter(([, it]) => 'Origin' in it)) {
    const headers = { ...SESSION, ...claims, 'Sec-Fetch-Site': 'same-origin' };
    const { status } = await proxy.ask('/api/cart/items', { method: 'POST', headers });
    expect({ from, status }).toEqual({ from, status: 403 });
  }
  expect(gateway.paths()).toEqual([]);
});

test('our own origin from a page of another site is refused as well', async () => {
  const { gateway, proxy } = await surroundings();
  const headers = { ...SESSION, Origin: proxy.url, 'Sec-Fetch-Site': 'cross-site' };
  expect((await proxy.ask('/api/cart/items', { method: 'POST', headers })).status).toBe(403);
  expect(gateway.paths()).toEqual([]);
});

test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
  'a form of another site that posts %s is refused, and signs nobody in',
  async (type) => {
    const { gateway, proxy } = await surroundings();
    for (const path of ['/api/cart/items', '/api/auth/login']) {
      const reply = await proxy.ask(path, {
        method: 'POST',
        headers: { ...SESSION, 'Content-Type': type, Origin: 'https://evil.example' },
        body: '{"email":"attacker@evil.example","password":"correct horse"}',
      });
      expect([reply.status, reply.headers['set-cookie']]).toEqual([403, undefined]);
    }
    expect(gateway.paths()).toEqual([]);
  },
);

test('a form of our own goes on: what it may contain is for the service to say', async () => {
  const { gateway, proxy } = await surroundings();
  gateway.answers['POST /api/cart/items'] = (_call, response) => void response.writeHead(415).end();
  const headers = { ...SESSION, Origin: proxy.url, 'Content-Type': 'text/plain' };
  expect((await proxy.ask('/api/cart/items', { method: 'POST', headers, body: '{}' })).status).toBe(415);
});

test('our own pages may change things, under every name the shop answers for', async () => {
  const { gateway, proxy } = await surroundings({
    PROXY_SERVER_URL: 'https://shop.example',
    ALLOWED_HOSTS: 'www.shop.example',
  });
  const own: Record<string, string>[] = [
    { Host: 'shop.example', Origin: 'https://shop.example' },
    { Host: 'www.shop.example', Origin: 'https://www.shop.example' },
    { Host: 'www.shop.example', Origin: 'https://shop.example' },
    { Host: 'shop.example', 'Sec-Fetch-Site': 'same-origin' },
    { Host: 'shop.example', Origin: 'https://shop.example', 'Sec-Fetch-Site': 'same-origin' },
  ];
  for (const headers of own) {
    const reply = await proxy.ask('/api/cart/items', {
      method: 'POST',
      headers: { ...headers, ...JSON_BODY, Cookie: `__Host-doa_at=${jwt()}` },
      body: '{}',
    });
    expect({ headers, status: reply.status }).toEqual({ headers, status: 200 });
  }
  expect(gateway.callsTo('/api/cart/items')).toHaveLength(own.length);
  const other = { Host: 'shop.example', Origin: 'https://www.shop.example' };
  expect((await proxy.ask('/api/x', { method: 'POST', headers: other })).status).toBe(403);
});

test('a client with a credential of its own needs no page to come from', async () => {
  const { proxy } = await surroundings();
  const headers = { Authorization: 'Bearer of-a-client', 'Sec-Fetch-Site': 'cross-site' };
  expect((await proxy.ask('/api/cart/items', { method: 'POST', headers })).status).toBe(200);
});

test('a webhook comes from no page, and says who sent it by its signature', async () => {
  const { proxy } = await surroundings();
  const webhook = { 'Webhook-Id': 'msg_1', 'Webhook-Timestamp': '1763700000' };
  const signed = { ...webhook, 'Webhook-Signature': 'v1,c2lnbmF0dXJl' };
  expect((await proxy.ask('/api/x', { method: 'POST', headers: signed })).status).toBe(200);
  expect((await proxy.ask('/api/x', { method: 'POST', headers: webhook })).status).toBe(403);
});

test('reads and preflights may come from anywhere', async () => {
  const { proxy } = await surroundings();
  const headers = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' };
  for (const method of ['GET', 'HEAD', 'OPTIONS'] as const) {
    expect((await proxy.ask('/api/home', { method, headers })).status).toBe(200);
  }
});
