import { expect, test } from 'vitest';
import { startOrigin } from '../support/origin.ts';
import { startProxy } from '../support/proxy.ts';

const AS_BROWSER = { headers: { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };

test('a person sees a Korean page where the web server is down', async () => {
  const proxy = await startProxy({});
  const reply = await proxy.ask('/cart', AS_BROWSER);

  expect(reply.status).toBe(502);
  expect(reply.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'private, no-store',
  });
  expect(reply.text).toContain('lang="ko"');
  expect(reply.text).toContain('DOA Market');
  expect(reply.text).toContain(String(reply.headers['x-request-id']));
  expect(reply.text).not.toContain('127.0.0.1');
});

test('a program gets a problem document where the gateway is down', async () => {
  const proxy = await startProxy({});
  const reply = await proxy.ask('/api/home', AS_BROWSER);

  expect(reply.status).toBe(502);
  expect(reply.headers['content-type']).toBe('application/problem+json');
  expect(JSON.parse(reply.text)).toEqual({
    type: 'https://doa.market/problems/SYS_5002',
    title: 'Bad Gateway',
    status: 502,
    detail: 'The server behind could not be reached.',
    instance: '/api/home',
    code: 'SYS_5002',
    requestId: reply.headers['x-request-id'],
  });
});

test('an RSC request gets no page to render as data', async () => {
  const proxy = await startProxy({});
  const reply = await proxy.ask('/cart', { headers: { rsc: '1', accept: '*/*' } });
  expect(reply.headers['content-type']).toBe('application/problem+json');
});

test('an origin that does not answer in time is 504 for both', async () => {
  const silent = await startOrigin(() => undefined);
  const proxy = await startProxy({ web: silent, gateway: silent }, { REQUEST_TIMEOUT: '200' });

  const page = await proxy.ask('/', AS_BROWSER);
  const api = await proxy.ask('/api/home');

  expect(page).toMatchObject({ status: 504, headers: { 'content-type': 'text/html; charset=utf-8' } });
  expect(JSON.parse(api.text)).toMatchObject({ status: 504, code: 'SYS_5004' });
});

test('an origin that is slow after its head has come is left in peace', async () => {
  const web = await startOrigin((_request, response) => {
    response.write('slowly ');
    setTimeout(() => response.end('but surely'), 400);
  });
  const proxy = await startProxy({ web }, { REQUEST_TIMEOUT: '200' });
  expect((await proxy.ask('/account')).text).toBe('slowly but surely');
});

test("the origin's own error page is passed on", async () => {
  const web = await startOrigin((_request, response) => {
    response.writeHead(500, { 'Content-Type': 'text/html' }).end('<h1>from Next</h1>');
  });
  const proxy = await startProxy({ web });
  expect(await proxy.ask('/', AS_BROWSER)).toMatchObject({ status: 500, text: '<h1>from Next</h1>' });
});
