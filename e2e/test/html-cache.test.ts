import { expect, it } from 'vitest';
import { stack } from './setup/shared.ts';

/** The storefront through its proxy: what is kept, renewed and purged of real pages. */

const PURGE_TOKEN = 'doa-purge-development-token';
const PAGES = ['/', '/categories/digital', '/products/mechanical-keyboard'];
const soon = { timeout: 20_000, interval: 100 };

const pageAt = (path: string, init: RequestInit = {}) =>
  fetch(stack().urls.PROXY_SERVER_URL + path, { redirect: 'manual', ...init });
const cacheStatus = ({ headers }: Response) => headers.get('x-cache-status');

async function read(path: string, headers: Record<string, string> = {}) {
  const response = await pageAt(path, { headers });
  return { response, text: await response.text() };
}

const refresh = (path: string) =>
  read(path, {
    'x-cache-refresh': 'true',
    'x-warmup-token': stack().secrets.WARMUP_TOKEN,
    'accept-encoding': 'identity',
  });

async function purge(path: string, tags?: string): Promise<void> {
  const response = await pageAt(path, {
    method: 'PURGE',
    headers: { authorization: `Bearer ${PURGE_TOKEN}`, ...(tags !== undefined && { 'cache-tag': tags }) },
  });
  expect(response.status).toBe(204);
}

/** What differs between two renders of the same page. */
const settled = (html: string) => html.replace(/"buildId":"[^"]*"|nonce="[^"]*"/g, '');

it.each(PAGES)('%s is rendered once, and kept', async (path) => {
  await purge(path);
  const first = await read(path);
  expect([first.response.status, cacheStatus(first.response)]).toEqual([200, 'MISS']);
  const second = await read(path);
  expect([second.response.status, cacheStatus(second.response)]).toEqual([200, 'HIT']);
  expect(second.text).toBe(first.text);
  expect(second.response.headers.get('etag')).toBeTruthy();
  for (const { response } of [first, second]) {
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(response.headers.get('cache-tag')).toBeNull();
  }
});

it.each(PAGES)(
  'HTML and payloads of %s, asked for in turns, are never mistaken for each other',
  async (path) => {
    const html = await read(path);
    const asks: [string, Record<string, string>, 'page' | 'payload'][] = [
      [path, {}, 'page'],
      [path, { rsc: '1' }, 'payload'],
      [path, { rsc: '1', 'next-router-prefetch': '1' }, 'payload'],
      [`${path}?utm_source=mail`, {}, 'page'],
      [`${path}?_rsc=abc`, {}, 'page'],
      [path, { 'next-router-prefetch': '1' }, 'page'],
      [path, { cookie: 'session=1' }, 'page'],
    ];
    for (let round = 0; round < 3; round += 1) {
      const replies = await Promise.all(asks.map(([target, headers]) => read(target, headers)));
      for (const [index, { response, text }] of replies.entries()) {
        const [target, headers, kind] = asks[index] ?? [];
        const what = JSON.stringify([target, headers]);
        const type = response.headers.get('content-type') ?? '';
        if (kind === 'page') {
          expect([what, response.status, type.split(';')[0]]).toEqual([what, 200, 'text/html']);
          if (!target?.includes('_rsc')) expect(settled(text)).toBe(settled(html.text));
          continue;
        }
        // Without its hash Next.js sends a payload elsewhere first, or gives it; a page it never is.
        expect([what, [200, 307].includes(response.status)]).toEqual([what, true]);
        expect(text).not.toContain('<html');
        if (response.status === 200) expect([what, type.split(';')[0]]).toEqual([what, 'text/x-component']);
        expect(cacheStatus(response)).toBe('BYPASS');
      }
    }
  },
);

it('a page is purged by its path or its tag, and then rendered anew', async () => {
  const cases: [string, string, string?][] = [
    ['/', '/'],
    ['/', '/nowhere', 'home'],
    ['/products/mechanical-keyboard', '/', 'product:mechanical-keyboard'],
    ['/categories/digital', '/', 'category:digital'],
  ];
  for (const [path, target, tags] of cases) {
    await read(path);
    await expect.poll(async () => cacheStatus((await read(path)).response), soon).toBe('HIT');
    await purge(target, tags);
    expect([path, cacheStatus((await read(path)).response)]).toEqual([path, 'MISS']);
  }
});

it('a purge without its credential is refused', async () => {
  const response = await pageAt('/', { method: 'PURGE' });
  expect(response.status).toBe(401);
});

it('Next.js confirms to the proxy what has not changed', async () => {
  const path = '/categories';
  const { headers } = (await refresh(path)).response;
  const confirmed = await fetch(stack().urls.NEXT_SERVER + path, {
    headers: {
      'if-none-match': headers.get('etag') ?? '',
      'accept-encoding': 'identity',
      // Else fetch itself asks for `no-cache`, and Next.js then confirms nothing.
      'cache-control': 'max-age=60',
    },
  });
  expect(confirmed.status).toBe(304);
});

it('a product that is not there is a 404 page, known for a moment', async () => {
  const path = `/products/no-such-product-${Date.now()}`;
  const { response, text } = await read(path);
  expect(response.status).toBe(404);
  expect(response.headers.get('content-type')).toMatch('text/html');
  expect(text).toContain('<html');
  expect((await read(path)).response.status).toBe(404);
});

it('no stranger can end a page by posting to it', async () => {
  const origin = stack().urls.PROXY_SERVER_URL;
  await read('/');
  await expect.poll(async () => cacheStatus((await read('/')).response), soon).toBe('HIT');
  const posted = await pageAt('/', { method: 'POST', body: 'a=1', headers: { origin } });
  expect(posted.status).toBeLessThan(400);
  expect(cacheStatus(posted)).toBe('BYPASS');
  expect(cacheStatus((await read('/')).response)).toBe('HIT');
});
