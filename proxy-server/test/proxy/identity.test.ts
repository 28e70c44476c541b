import { expect, test } from 'vitest';
import { echo, startOrigin } from '../support/origin.ts';
import { startProxy } from '../support/proxy.ts';

const CLAIMS = {
  Forwarded: 'for=6.6.6.6;proto=https;host=evil',
  'X-Forwarded-For': '6.6.6.6',
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Host': 'evil.example',
  'X-Real-IP': '6.6.6.6',
};

test('what a stranger claims of earlier hops is replaced by what is known', async () => {
  const gateway = await startOrigin(echo);
  const proxy = await startProxy({ gateway });

  const { headers } = JSON.parse((await proxy.ask('/api/x', { headers: CLAIMS })).text);

  expect(headers).toMatchObject({
    host: proxy.host,
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': proxy.host,
    forwarded: `for=127.0.0.1;host="${proxy.host}";proto=http`,
  });
  expect(JSON.stringify(headers)).not.toMatch(/6\.6\.6\.6|evil/);
});

test('a trusted proxy is believed, and this hop is added', async () => {
  const gateway = await startOrigin(echo);
  const proxy = await startProxy({ gateway }, { TRUSTED_PROXIES: '10.0.0.0/8, 127.0.0.0/8' });

  const { headers } = JSON.parse((await proxy.ask('/api/x', { headers: CLAIMS })).text);

  expect(headers).toMatchObject({
    'x-forwarded-for': '6.6.6.6, 127.0.0.1',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.example',
  });
  expect(headers.forwarded).toMatch(/^for=6\.6\.6\.6;proto=https;host=evil, for=127\.0\.0\.1;/);
});

const NOT_FOR_CLIENTS = [
  'x-middleware-subrequest',
  'x-middleware-rewrite',
  'x-nextjs-data',
  'x-nextjs-rewritten-path',
  'x-matched-path',
  'x-now-route-matches',
  'next-resume',
  'x-invoke-path',
  'x-prerender-revalidate',
  'x-user-id',
  'x-user-role',
  'x_user_id',
  'x-session-id',
  'x-warmup-token',
];

test('headers that are internal to the servers do not come from a client', async () => {
  const web = await startOrigin(echo);
  const proxy = await startProxy({ web });
  const forged = Object.fromEntries(NOT_FOR_CLIENTS.map((name) => [name, 'forged']));

  await proxy.ask('/cart', { headers: { ...forged, 'x-harmless': 'kept' } });

  expect(web.requests[0]?.headers).toMatchObject({ 'x-harmless': 'kept' });
  expect(Object.values(web.requests[0]?.headers ?? {})).not.toContain('forged');
});

test('a well formed request id is kept, another is replaced, and both sides see the same', async () => {
  const gateway = await startOrigin(echo);
  const proxy = await startProxy({ gateway });

  const kept = await proxy.ask('/api/x', { headers: { 'X-Request-Id': 'order-page.0001' } });
  const replaced = await proxy.ask('/api/x', { headers: { 'X-Request-Id': '<script>' } });

  expect(kept.headers['x-request-id']).toBe('order-page.0001');
  expect(gateway.requests[0]?.headers['x-request-id']).toBe('order-page.0001');
  expect(replaced.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  expect(gateway.requests[1]?.headers['x-request-id']).toBe(replaced.headers['x-request-id']);
});

test('a trace goes on under its own id, and a new one begins where there is none', async () => {
  const gateway = await startOrigin(echo);
  const proxy = await startProxy({ gateway });
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';

  await proxy.ask('/api/x', { headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` } });
  await proxy.ask('/api/x', { headers: { traceparent: 'nonsense' } });

  expect(gateway.requests[0]?.headers['traceparent']).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`));
  expect(gateway.requests[1]?.headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
});

test('safe defaults are added where the origin has none of its own', async () => {
  const web = await startOrigin((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.setHeader('X-Frame-Options', 'DENY');
    response.setHeader('X-Powered-By', 'Next.js');
    response.end('<p>page</p>');
  });
  const proxy = await startProxy({ web });

  const { headers } = await proxy.ask('/cart');

  expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
  expect(headers).not.toHaveProperty('x-powered-by');
});
