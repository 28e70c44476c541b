import { describe, expect, test } from 'vitest';
import { echo, startOrigin } from '../support/origin.ts';
import { startProxy } from '../support/proxy.ts';
import { sendRaw, statusOf } from '../support/raw.ts';

/** Starts one proxy for a whole table: every row is one request on a connection of its own. */
async function surroundings(env: Record<string, string> = {}) {
  const web = await startOrigin(echo);
  const gateway = await startOrigin(echo);
  return { web, gateway, proxy: await startProxy({ web, gateway }, env) };
}

const requestLine = (target: string, host: string) =>
  `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

describe('targets that two hops could read differently', () => {
  const REFUSED = [
    '//evil.example/x',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/..%2fapi/orders',
    '/products/..%2F..%2fapi',
    '/%2f/evil.example',
    '/%5cevil.example',
    '/a%5C..%5Capi',
    '/a%00b',
    '/a%0d%0aSet-Cookie:%20x=1',
    '/%zz',
    '/a%',
    '/a#fragment',
    '*',
    'evil.example',
    '',
  ];

  test('are refused with 400 and reach no origin', async () => {
    const { web, gateway, proxy } = await surroundings();
    for (const target of REFUSED) {
      const answer = await sendRaw(proxy.port, requestLine(target, proxy.host));
      expect({ target, status: statusOf(answer) }).toEqual({ target, status: 400 });
    }
    expect([...web.paths(), ...gateway.paths()]).toEqual([]);
  });

  test('an absolute form or dot segments lead nowhere but to the origins we know', async () => {
    const { web, gateway, proxy } = await surroundings();
    await sendRaw(proxy.port, requestLine('http://evil.example/absolute', proxy.host));
    await sendRaw(proxy.port, requestLine('/cart/../api/orders', proxy.host));
    await sendRaw(proxy.port, requestLine('/api/%2e%2e/account', proxy.host));

    expect(web.paths()).toEqual(['/absolute', '/account']);
    expect(web.requests[0]?.headers.host).toBe(proxy.host);
    expect(gateway.paths()).toEqual(['/api/orders']);
  });
});

test('a Host that is not ours is 421, one that is none is 400', async () => {
  const { web, proxy } = await surroundings();
  const REFUSED: [string, number][] = [
    ['evil.example', 421],
    [`127.0.0.1:${proxy.port}.evil.example`, 400],
    ['127.0.0.1:1', 421],
    [`user@${proxy.host}`, 400],
    [`${proxy.host}, evil.example`, 400],
    ['a b', 400],
    ['', 400],
  ];
  for (const [host, status] of REFUSED) {
    const answer = await sendRaw(proxy.port, requestLine('/', host));
    expect({ host, status: statusOf(answer) }).toEqual({ host, status });
  }
  expect(web.paths()).toEqual([]);
});

test('the names of ALLOWED_HOSTS are answered, whatever their case', async () => {
  const { web, proxy } = await surroundings({ ALLOWED_HOSTS: 'shop.example, www.example:8443' });
  for (const host of ['shop.example', 'SHOP.example', `shop.example:${proxy.port}`, 'www.example:8443']) {
    expect(statusOf(await sendRaw(proxy.port, requestLine('/cart', host)))).toBe(200);
  }
  expect(statusOf(await sendRaw(proxy.port, requestLine('/cart', 'www.example')))).toBe(421);
  expect(web.requests).toHaveLength(4);
});

test('a refusal is a problem document that echoes nothing', async () => {
  const { proxy } = await surroundings();
  const reply = await proxy.ask('/a%0d%0ab');
  expect(reply.status).toBe(400);
  expect(reply.headers['content-type']).toBe('application/problem+json');
  expect(JSON.parse(reply.text)).toMatchObject({
    status: 400,
    code: 'REQ_4001',
    requestId: reply.headers['x-request-id'],
  });
});

test.each([
  ['two lengths', 'Content-Length: 3\r\nContent-Length: 4\r\n'],
  ['a length and chunks', 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n'],
  ['an unknown transfer coding', 'Transfer-Encoding: xchunked\r\n'],
  ['a space before the colon', 'X-Header : 1\r\n'],
  ['a folded header', 'X-Header: 1\r\n 2\r\n'],
])('%s is refused before anything is forwarded', async (_name, header) => {
  const { web, gateway, proxy } = await surroundings();
  const answer = await sendRaw(
    proxy.port,
    `POST /api/x HTTP/1.1\r\nHost: ${proxy.host}\r\n${header}Connection: close\r\n\r\nabc`,
  );
  expect(statusOf(answer)).toBe(400);
  expect([...web.paths(), ...gateway.paths()]).toEqual([]);
});

test('TRACE is refused with the methods that are not', async () => {
  const { proxy } = await surroundings();
  const reply = await proxy.ask('/', { method: 'TRACE' });
  expect(reply).toMatchObject({
    status: 405,
    headers: { allow: expect.stringContaining('GET, HEAD, POST') },
  });
});
