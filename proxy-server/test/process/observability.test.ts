import { expect, test, vi } from 'vitest';
import { echo, page, startOrigin } from '../support/origin.ts';
import { startProxy } from '../support/proxy.ts';

test('every request leaves one line, without what is secret', async () => {
  const web = await startOrigin(page('page'));
  const gateway = await startOrigin(echo);
  const proxy = await startProxy({ web, gateway });
  const secrets = { Cookie: 'session=s3cret', Authorization: 'Bearer s3cret' };

  await proxy.ask('/products/canvas-tote?token=s3cret', { headers: { Cookie: secrets.Cookie } });
  await proxy.ask('/api/me?token=s3cret', { headers: secrets });
  await proxy.ask('/cart', { headers: { ...secrets, 'X-Request-Id': 'cart-0001' } });

  await vi.waitFor(() => expect(proxy.accessLog()).toHaveLength(3));
  expect(proxy.accessLog()).toMatchObject([
    { method: 'GET', route: '/products/:slug', path: '/products/canvas-tote', status: 200, cache: 'MISS' },
    { method: 'GET', route: '/api/*', path: '/api/me', status: 200 },
    { method: 'GET', route: 'other', path: '/cart', cache: 'BYPASS', requestId: 'cart-0001' },
  ]);
  for (const line of proxy.accessLog()) expect(line['durationMs']).toBeTypeOf('number');
  expect(proxy.output.out).not.toContain('s3cret');
});

test('the figures of the cache and of the origins are on the admin listener alone', async () => {
  const web = await startOrigin(page('page'));
  const proxy = await startProxy({ web });
  await proxy.ask('/');
  await proxy.ask('/');
  await proxy.ask('/cart');
  await proxy.ask('/api/x', { headers: { Authorization: 'Bearer of-a-client' } });

  const { figure } = proxy;
  expect(await figure('proxy_cache_requests_total', { outcome: 'miss' })).toBe(1);
  expect(await figure('proxy_cache_requests_total', { outcome: 'hit' })).toBe(1);
  expect(await figure('proxy_cache_requests_total', { outcome: 'bypass' })).toBe(1);
  expect(await figure('proxy_cache_entries')).toBe(1);
  expect(await figure('upstream_request_duration_seconds_count', { upstream: 'web', outcome: '2xx' })).toBe(
    2,
  );
  expect(
    await figure('upstream_request_duration_seconds_count', { upstream: 'gateway', outcome: 'unreachable' }),
  ).toBe(1);
  // The fresh hit is not among them: it took microseconds, and is counted with the cache.
  expect(await figure('http_request_duration_seconds_count', { route: '/', status: '200' })).toBe(1);
  await proxy.ask('/metrics');
  expect(web.paths().at(-1)).toBe('/metrics');
});

test('a visitor who leaves is no failure of an origin', async () => {
  const gateway = await startOrigin(() => undefined);
  const proxy = await startProxy({ gateway });
  const leaver = new AbortController();
  const left = fetch(`${proxy.url}/api/x`, { signal: leaver.signal }).catch((error: unknown) => error);
  await vi.waitFor(() => expect(gateway.requests).toHaveLength(1));
  leaver.abort();
  await left;
  await vi.waitFor(async () => {
    expect(await proxy.figure('upstream_request_duration_seconds_count', { outcome: 'abandoned' })).toBe(1);
  });
  await vi.waitFor(() => expect(proxy.accessLog()).toMatchObject([{ status: 499 }]));
  expect(proxy.output.out).not.toContain('"level":"error"');
});
