import { expect, test, vi } from 'vitest';
import { page } from '../support/origin.ts';
import { sendRequest } from '../support/request.ts';
import {
  HOST,
  holdBack,
  html,
  PURGE_TOKEN,
  type ShopProxy,
  soon,
  startShopProxy,
  startWeb,
  useShop,
} from './support/shop.ts';

const shop = useShop(3);
const within = (timeout: number) => ({ timeout, interval: 5 });

/** A shop of one proxy that has no Redis, and the pages that are put into it. */
async function soloShop(paths: readonly string[] = [], env: Record<string, string> = {}) {
  const web = await startWeb();
  const proxy = await startShopProxy(web, env);
  for (const path of paths) await proxy.ask(path);
  return { web, proxy };
}

/** Which of these are kept; asking puts the others back. */
async function keptOf(proxy: ShopProxy, paths: readonly string[]): Promise<string[]> {
  const kept: string[] = [];
  for (const path of paths) if ((await proxy.cacheStatus(path)) === 'HIT') kept.push(path);
  return kept;
}
const without = (paths: readonly string[], gone: readonly string[]) =>
  paths.filter((path) => !gone.includes(path));

const PAGES = [
  '/',
  '/categories',
  '/categories/food',
  '/categories/food?page=2',
  '/categories/food?page=2&sort=new',
  '/categories/foo',
  '/products/apple',
  '/products/pear',
  '/events',
  '/events/1',
];

test('a purge takes exactly what it names', async () => {
  const proxy = shop.proxy(0);
  const cases: [string, string, string | undefined, string[]][] = [
    ['a path', '/products/apple', undefined, ['/products/apple']],
    ['a path with all its parameters', '/categories/food', undefined, PAGES.slice(2, 5)],
    ['a path, whatever parameters are named', '/categories/food?page=2', undefined, PAGES.slice(2, 5)],
    ['a path that is escaped otherwise', '/products/%61pple', undefined, ['/products/apple']],
    ['the tag of a product', '/', 'product:apple', ['/products/apple']],
    ['the tag of a category', '/', 'category:food', PAGES.slice(2, 5)],
    ['the tag of the home page', '/nowhere', 'home', ['/']],
    ['the tags of lists', '/', 'categories, events', ['/categories', '/events']],
    ['the tag of an event', '/', 'event:1', ['/events/1']],
    ['what nobody has', '/products/unknown', undefined, []],
  ];
  await keptOf(proxy, PAGES);
  for (const [what, path, tags, gone] of cases) {
    const before = shop.web.requests.length;
    expect((await proxy.purge(path, tags === undefined ? {} : { tags })).status).toBe(204);
    expect([what, await keptOf(proxy, PAGES)]).toEqual([what, without(PAGES, gone)]);
    expect([what, shop.web.requests.length - before]).toEqual([what, gone.length]);
  }
});

test('what the origin says in Cache-Tag can be purged by it, and never reaches a client', async () => {
  const { web, proxy } = await soloShop();
  const paths = ['/', '/products/apple', '/products/pear'];
  web.answer('/', page(html('home'), { 'Cache-Tag': 'product:apple, banner:spring' }));
  web.answer('/products/pear', page(html('pear'), { 'Cache-Tag': ['seller:9', 'banner:spring'] }));
  const seen = [];
  for (const path of [...paths, ...paths]) seen.push(await proxy.ask(path));
  seen.push(await proxy.ask('/', { headers: { rsc: '1' } }), await proxy.ask('/', { method: 'HEAD' }));
  for (const { headers } of seen) expect(headers).not.toHaveProperty('cache-tag');

  await proxy.purge('/', { tags: 'product:apple' });
  expect(await keptOf(proxy, paths)).toEqual(['/products/pear']);
  await proxy.purge('/', { tags: 'banner:spring' });
  expect(await keptOf(proxy, paths)).toEqual(['/products/apple']);
});

test('a page keeps its tags when its origin only confirms it', async () => {
  const { web, proxy } = await soloShop();
  const aged = { ETag: '"1"', Age: '61' };
  web.answer('/', page(html('home'), { ...aged, 'Cache-Tag': 'banner:spring' }));
  await proxy.ask('/');
  web.answer('/', (_request, response) => {
    response.writeHead(304, { ETag: '"1"', 'Cache-Control': 's-maxage=60' }).end();
  });
  await vi.waitFor(async () => expect(await proxy.cacheStatus('/')).toBe('HIT'), soon);
  expect(web.requests.at(-1)?.headers).toMatchObject({ 'if-none-match': '"1"' });
  await proxy.purge('/', { tags: 'banner:spring' });
  web.answer('/', page(html('new')));
  expect(await proxy.ask('/')).toMatchObject({ text: html('new'), headers: { 'x-cache-status': 'MISS' } });
});

test('a purge holds for all names of the shop', async () => {
  const hosts = ['a.example', 'b.example'];
  const { proxy } = await soloShop([], { ALLOWED_HOSTS: hosts.join(',') });
  const statuses = () =>
    Promise.all(hosts.map((Host) => proxy.cacheStatus('/events', { headers: { Host } })));
  await statuses();
  expect(await statuses()).toEqual(['HIT', 'HIT']);
  await proxy.purge('/events');
  expect(await statuses()).toEqual(['MISS', 'MISS']);
});

test('a purge is known to every proxy within a second, and leaves other pages alone', async () => {
  const [other, ...paths] = Array.from({ length: 21 }, shop.aPath);
  if (other === undefined) throw new Error('no path');
  for (const path of [other, ...paths]) await shop.keepEverywhere(path);
  for (const [index, path] of paths.entries()) {
    shop.web.answer(path, page(html(`new ${path}`)));
    const tags = `product:${path.slice('/products/'.length)}`;
    expect((await shop.proxy(index % 3).purge('/', { tags })).status).toBe(204);
    await vi.waitFor(async () => {
      for (const { text } of await shop.askAll(path)) expect(text).toBe(html(`new ${path}`));
    }, within(1_000));
    expect(shop.web.asked(path)).toBe(2);
  }
  for (const { headers } of await shop.askAll(other)) expect(headers['x-cache-status']).toBe('HIT');
  expect(shop.web.asked(other)).toBe(1);
});

test.each([
  ['the proxy that renders', 0],
  ['another proxy', 1],
])('a purge at %s wins over a render that began before it', async (_, index) => {
  const path = shop.aPath();
  const render = holdBack(shop.web, path);
  const waiting = [shop.proxy(0).ask(path), shop.proxy(0).ask(path)];
  await render.arrived();
  const elsewhere = shop.proxy(2).ask(path);
  await vi.waitFor(async () => {
    expect(await shop.proxy(2).figure('http_requests_in_flight')).toBe(1);
  }, soon);
  expect((await shop.proxy(index).purge(path)).status).toBe(204);
  shop.web.answer(path, page(html('after')));
  render.answer(page(html('before')));

  for (const { status, text } of await Promise.all(waiting)) {
    expect([status, text]).toEqual([200, html('before')]);
  }
  expect((await elsewhere).status).toBe(200);
  await vi.waitFor(async () => {
    for (const { text } of await shop.askAll(path)) expect(text).toBe(html('after'));
  }, within(1_000));
  const late = await shop.startAnother();
  expect((await late.ask(path)).text).toBe(html('after'));
});

test('a purge wins over a renewal in the background', async () => {
  const path = shop.aPath();
  shop.web.answer(path, page(html('old'), { 'Cache-Control': 's-maxage=60', Age: '61' }));
  await shop.proxy(0).ask(path);
  const render = holdBack(shop.web, path);
  expect((await shop.proxy(0).ask(path)).text).toBe(html('old'));
  await render.arrived();
  await shop.proxy(1).purge(path);
  shop.web.answer(path, page(html('after')));
  render.answer(page(html('before')));
  await vi.waitFor(async () => {
    for (const { text } of await shop.askAll(path)) expect(text).toBe(html('after'));
  }, within(1_000));
});

test('without the credential nothing is purged', async () => {
  const proxy = shop.proxy(0);
  await proxy.ask('/');
  const wrong = [undefined, '', 'wrong', `${PURGE_TOKEN}x`, PURGE_TOKEN.toUpperCase()];
  for (const token of wrong) {
    const reply = await proxy.purge('/', { token });
    expect(reply).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer realm="purge"' } });
    expect((await proxy.purge('/', { token, tags: 'home' })).status).toBe(401);
    expect((await proxy.purge('/', { token, tags: '' })).status).toBe(401);
  }
  expect(await proxy.cacheStatus('/')).toBe('HIT');
});

test.each(['', ' , ,', 'with space', 'x'.repeat(300)])(
  'of the tag %j nothing can be purged',
  async (tags) => {
    const reply = await shop.proxy(0).purge('/', { tags });
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.text)).toMatchObject({ status: 400, code: 'REQ_4000' });
  },
);

test('a purge comes from no page, so it needs no Origin, and is passed on to nobody', async () => {
  const {
    proxies: [proxy],
    web,
  } = shop;
  if (!proxy) throw new Error('no proxy');
  const asked = web.requests.length;
  const reply = await proxy.purge('/cart');
  expect(reply).toMatchObject({ status: 204, text: '', headers: { 'cache-control': 'private, no-store' } });
  expect((await proxy.purge('/api/products')).status).toBe(204);
  expect(web.requests).toHaveLength(asked);
});

test('a purge for a host that is not ours is refused', async () => {
  const headers = { Host: `not-${HOST}`, Authorization: `Bearer ${PURGE_TOKEN}` };
  expect((await sendRequest(shop.proxy(0).port, '/', { method: 'PURGE', headers })).status).toBe(421);
});
