import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { page, startOrigin } from '../support/origin.ts';
import { startProxy } from '../support/proxy.ts';

const HTML = `<!doctype html><title>DOA Market</title>${'<p>저소음 무선 이어폰</p>'.repeat(200)}`;

async function cachedPage(headers: Record<string, string> = {}) {
  const web = await startOrigin(page(HTML, { ETag: '"v1"', ...headers }));
  const proxy = await startProxy({ web });
  return { web, proxy };
}

test('a page is rendered once and served from the cache after that', async () => {
  const { web, proxy } = await cachedPage();

  const first = await proxy.ask('/products/canvas-tote');
  const second = await proxy.ask('/products/canvas-tote');

  expect(first.headers['x-cache-status']).toBe('MISS');
  expect(second.headers).toMatchObject({
    'x-cache-status': 'HIT',
    'x-cache-key': `html_cache:${proxy.host}/products/canvas-tote`,
    'x-cache-age': expect.stringMatching(/^\d$/),
    'x-cache-ttl': expect.stringMatching(/^5\d$/),
    age: expect.stringMatching(/^\d$/),
    'cache-status': expect.stringMatching(/^doa-proxy; hit; ttl=5\d$/),
    'cache-control': 's-maxage=60, stale-while-revalidate=600',
    etag: '"v1"',
  });
  expect(second.text).toBe(HTML);
  expect(web.requests).toHaveLength(1);
});

test('every kind of page that the routes name is kept', async () => {
  const { proxy } = await cachedPage();
  for (const path of ['/', '/categories', '/categories/living', '/products/x', '/events', '/events/1']) {
    expect([path, await proxy.cacheStatus(path), await proxy.cacheStatus(path)]).toEqual([
      path,
      'MISS',
      'HIT',
    ]);
  }
});

test('everything else goes past the cache', async () => {
  const { web, proxy } = await cachedPage();
  const paths = [
    '/cart',
    '/checkout',
    '/account',
    '/auth/login',
    '/queue/1',
    '/products',
    '/products/a/b',
    '/search',
  ];
  for (const path of [...paths, ...paths]) expect(await proxy.cacheStatus(path)).toBe('BYPASS');
  expect(web.requests).toHaveLength(2 * paths.length);
});

test('what a visitor sends does not reach the origin of a page for everyone', async () => {
  const { web, proxy } = await cachedPage();

  await proxy.ask('/?utm_source=mail&x=1', {
    headers: {
      Cookie: 'session=1',
      'Accept-Language': 'en',
      'User-Agent': 'curl',
      'X-Forwarded-Host': 'evil',
    },
  });

  expect(web.paths()).toEqual(['/']);
  const { headers } = web.requests[0] ?? { headers: {} };
  expect(headers).not.toHaveProperty('cookie');
  expect(headers).not.toHaveProperty('accept-language');
  expect(headers).not.toHaveProperty('x-forwarded-for');
  expect(headers).toMatchObject({ 'x-forwarded-host': proxy.host, 'accept-encoding': 'identity' });
});

test('parameters that a route does not declare make no second page', async () => {
  const { web, proxy } = await cachedPage();
  await proxy.ask('/products/x');
  for (const query of ['?utm_source=mail', '?fbclid=1', '?', '?a=1&b=2', '?page=2']) {
    expect(await proxy.cacheStatus(`/products/x${query}`)).toBe('HIT');
  }
  expect(web.paths()).toEqual(['/products/x']);
});

test('declared parameters are sorted into the key, and the origin sees them alone', async () => {
  const { web, proxy } = await cachedPage();

  await proxy.ask('/categories/food?sort=price-asc&utm_source=mail&page=2');
  const again = await proxy.ask('/categories/food?page=2&sort=price-asc');
  const other = await proxy.ask('/categories/food?page=3&sort=price-asc');

  expect(again.headers).toMatchObject({
    'x-cache-status': 'HIT',
    'x-cache-key': `html_cache:${proxy.host}/categories/food?page=2&sort=price-asc`,
  });
  expect(other.headers['x-cache-status']).toBe('MISS');
  expect(web.paths()).toEqual([
    '/categories/food?page=2&sort=price-asc',
    '/categories/food?page=3&sort=price-asc',
  ]);
});

test('a declared parameter without a sensible value goes past the cache whole', async () => {
  const { web, proxy } = await cachedPage();
  const queries = ['page=0', 'page=99999', 'page=1&page=2', 'page=', 'sort=%3Cscript%3E'];
  for (const query of queries) expect(await proxy.cacheStatus(`/categories/food?${query}`)).toBe('BYPASS');
  expect(web.paths()).toEqual(queries.map((query) => `/categories/food?${query}`));
});

test('hosts do not share pages', async () => {
  const web = await startOrigin(page(HTML));
  const proxy = await startProxy({ web }, { ALLOWED_HOSTS: 'a.example,b.example' });
  const ask = (host: string) => proxy.cacheStatus('/', { headers: { Host: host } });
  expect([await ask('a.example'), await ask('b.example'), await ask('A.example')]).toEqual([
    'MISS',
    'MISS',
    'HIT',
  ]);
  expect(web.requests.map((request) => request.headers.host)).toEqual(['a.example', 'b.example']);
});

test('HEAD is answered from the page that GET would get', async () => {
  const { web, proxy } = await cachedPage();

  const head = await proxy.ask('/', { method: 'HEAD' });
  const get = await proxy.ask('/');

  expect(head).toMatchObject({ status: 200, text: '', headers: { 'x-cache-status': 'MISS' } });
  expect(head.headers['content-length']).toBe(String(Buffer.byteLength(HTML)));
  expect(get).toMatchObject({ text: HTML, headers: { 'x-cache-status': 'HIT' } });
  expect(web.requests.map((request) => request.method)).toEqual(['GET']);
});

test('a browser that has the page gets 304 without a body', async () => {
  const { web, proxy } = await cachedPage({ 'Last-Modified': 'Fri, 20 Nov 2026 00:00:00 GMT' });
  await proxy.ask('/');
  const conditions: [Record<string, string>, number][] = [
    [{ 'If-None-Match': '"v1"' }, 304],
    [{ 'If-None-Match': '"v0", W/"v1"' }, 304],
    [{ 'If-None-Match': '*' }, 304],
    [{ 'If-None-Match': '"v0"' }, 200],
    [{ 'If-None-Match': '"v1"', 'Accept-Encoding': 'gzip' }, 200],
    [{ 'If-None-Match': '"v1-gzip"', 'Accept-Encoding': 'gzip' }, 304],
    [{ 'If-Modified-Since': 'Fri, 20 Nov 2026 00:00:00 GMT' }, 304],
    [{ 'If-Modified-Since': 'Thu, 19 Nov 2026 00:00:00 GMT' }, 200],
    [{ 'If-Modified-Since': 'Fri, 20 Nov 2026 00:00:00 GMT', 'If-None-Match': '"v0"' }, 200],
  ];
  for (const [headers, status] of conditions) {
    const reply = await proxy.ask('/', { headers });
    expect({ headers, status: reply.status }).toEqual({ headers, status });
    if (status === 304) {
      expect(reply.text).toBe('');
      expect(reply.headers).not.toHaveProperty('content-type');
      expect(reply.headers).toMatchObject({ etag: expect.stringContaining('v1'), 'x-cache-status': 'HIT' });
    }
  }
  expect(web.requests).toHaveLength(1);
});

test('a page is compressed here, once per encoding, with a validator of its own', async () => {
  const { web, proxy } = await cachedPage();
  await proxy.ask('/');
  const br = () => proxy.ask('/', { headers: { 'Accept-Encoding': 'gzip, deflate, br' } });
  await vi.waitFor(async () => expect((await br()).headers['content-encoding']).toBe('br'));

  const brotli = await br();
  const gzip = await proxy.ask('/', { headers: { 'Accept-Encoding': 'br;q=0.1, gzip' } });
  const plain = await proxy.ask('/', { headers: { 'Accept-Encoding': 'gzip;q=0, identity' } });

  expect(brotliDecompressSync(brotli.bytes).toString()).toBe(HTML);
  expect(gunzipSync(gzip.bytes).toString()).toBe(HTML);
  expect(plain.text).toBe(HTML);
  expect([brotli, gzip, plain].map((it) => it.headers['etag'])).toEqual(['"v1-br"', '"v1-gzip"', '"v1"']);
  for (const it of [brotli, gzip, plain]) {
    expect(it.headers['vary']).toContain('Accept-Encoding');
    expect(it.headers['content-length']).toBe(String(it.bytes.byteLength));
  }
  expect(web.requests).toHaveLength(1);
});

test('a page that must not be transformed is sent as it is', async () => {
  const { proxy } = await cachedPage({ 'Cache-Control': 's-maxage=60, no-transform' });
  await proxy.ask('/');
  const reply = await proxy.ask('/', { headers: { 'Accept-Encoding': 'gzip, br' } });
  expect(reply).toMatchObject({ text: HTML, headers: { 'x-cache-status': 'HIT' } });
  expect(reply.headers).not.toHaveProperty('content-encoding');
});

test('an origin without validators gets one, the same for the same page', async () => {
  const web = await startOrigin(page(HTML));
  const proxy = await startProxy({ web });
  const first = (await proxy.ask('/products/a')).headers['etag'];
  expect(first).toMatch(/^"[^"]+"$/);
  expect((await proxy.ask('/products/b')).headers['etag']).toBe(first);
});

test('the age that a page already had is counted', async () => {
  const { proxy } = await cachedPage({ Age: '45' });
  await proxy.ask('/');
  const { headers } = await proxy.ask('/');
  expect(Number(headers['age'])).toBeGreaterThanOrEqual(45);
  expect(Number(headers['x-cache-ttl'])).toBeLessThanOrEqual(15);
  expect(Number(headers['x-cache-age'])).toBeLessThan(5);
});

test('the cache stays within its bytes, and drops what was used least recently', async () => {
  const big = 'x'.repeat(100_000);
  const web = await startOrigin(page(big));
  const proxy = await startProxy({ web }, { CACHE_MAX_BYTES: '500000' });

  for (let n = 0; n < 20; n += 1) await proxy.ask(`/products/p${n}`);

  expect(await proxy.figure('proxy_cache_bytes')).toBeLessThanOrEqual(500_000);
  expect(await proxy.figure('proxy_cache_entries')).toBeLessThan(5);
  expect(await proxy.cacheStatus('/products/p19')).toBe('HIT');
  expect(await proxy.cacheStatus('/products/p0')).toBe('MISS');
});
