import { SHOWN } from '@doa-market/common/cache-manifest';
import { expect, test, vi } from 'vitest';
import { page } from '../support/origin.ts';
import { holdBack, html, soon, startShopProxy, startWeb, useShop } from './support/shop.ts';

const shop = useShop(3);
const tagOf = (path: string) => `product:${path.slice('/products/'.length)}`;
const broken: Parameters<typeof shop.web.answer>[1] = (_request, response) => response.writeHead(500).end();
const missing: Parameters<typeof shop.web.answer>[1] = (_request, response) =>
  response.writeHead(404, { 'Content-Type': 'text/html', 'Cache-Control': 's-maxage=60' }).end('gone');

/** A proxy without Redis. */
async function solo() {
  const web = await startWeb();
  return { web, proxy: await startShopProxy(web) };
}

test('a page is made anew once, and is there at every proxy before anybody asks for it', async () => {
  const [path, other] = [shop.aPath(), shop.aPath()];
  for (const it of [path, other]) await shop.keepEverywhere(it);
  shop.web.answer(path, page(html('new')));
  expect((await shop.proxy(1).purge('/', { tags: tagOf(path), refresh: true })).status).toBe(204);

  expect(await shop.proxy(1).ask(path)).toMatchObject({
    text: html('new'),
    headers: { 'x-cache-status': 'HIT' },
  });
  await vi.waitFor(async () => {
    for (const { text, headers } of await shop.askAll(path)) {
      expect([text, headers['x-cache-status']]).toEqual([html('new'), 'HIT']);
    }
  }, soon);
  expect([shop.web.asked(path), shop.web.asked(other)]).toEqual([2, 1]);
});

test('nobody waits while it is made: the old page is given, as a stale one', async () => {
  const path = shop.aPath();
  await shop.keepEverywhere(path);
  const render = holdBack(shop.web, path);
  const purged = shop.proxy(0).purge('/', { tags: tagOf(path), refresh: true });
  await render.arrived();
  await vi.waitFor(async () => {
    for (const { text, headers } of await shop.askAll(path)) {
      expect([text, headers['x-cache-status']]).toEqual([html(path), 'STALE']);
    }
  }, soon);
  render.answer(page(html('new')));
  expect((await purged).status).toBe(204);
  expect((await shop.proxy(0).ask(path)).text).toBe(html('new'));
});

test('where the origin fails the old page stays, and whoever asked for it is told to ask again', async () => {
  const path = shop.aPath();
  await shop.keepEverywhere(path);
  shop.web.answer(path, broken);
  const refused = await shop.proxy(0).purge('/', { tags: tagOf(path), refresh: true });
  expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
  expect(await shop.proxy(0).ask(path)).toMatchObject({
    text: html(path),
    headers: { 'x-cache-status': 'STALE' },
  });
  shop.web.answer(path, page(html('new')));
  expect((await shop.proxy(0).purge('/', { tags: tagOf(path), refresh: true })).status).toBe(204);
  expect((await shop.proxy(0).ask(path)).text).toBe(html('new'));
});

test('a page knows by itself what it shows', async () => {
  const { web, proxy } = await solo();
  const shows = (tags: string, text: string) =>
    html(`${text}</title><meta name="${SHOWN}" content="${tags}">`);
  web.answer('/', page(shows('home product:apple product:pear', 'old')));
  web.answer('/events', page(shows('product:cherry', 'events')));
  for (const path of ['/', '/events']) await proxy.ask(path);
  web.answer('/', page(shows('product:pear', 'new')));
  expect((await proxy.purge('/', { tags: 'product:apple', refresh: true })).status).toBe(204);
  expect(await proxy.ask('/')).toMatchObject({ text: shows('product:pear', 'new') });

  // It shows the apple no more.
  const before = web.requests.length;
  await proxy.purge('/', { tags: 'product:apple', refresh: true });
  expect(web.requests.length).toBe(before);
  await proxy.purge('/', { tags: 'product:cherry, product:pear' });
  expect([await proxy.cacheStatus('/'), await proxy.cacheStatus('/events')]).toEqual(['MISS', 'MISS']);
});

test('what was not there is forgotten, and what is not there any more is not shown', async () => {
  const { web, proxy } = await solo();
  web.answer('/products/apple', missing);
  await proxy.ask('/products/apple');
  expect(await proxy.cacheStatus('/products/apple')).toBe('HIT');
  web.answer('/products/apple', page(html('apple')));
  await proxy.purge('/', { tags: 'product:apple', refresh: true });
  expect((await proxy.ask('/products/apple')).status).toBe(200);

  web.answer('/products/apple', missing);
  expect((await proxy.purge('/', { tags: 'product:apple', refresh: true })).status).toBe(204);
  expect((await proxy.ask('/products/apple')).status).toBe(404);
});

test('what began before it is not kept in place of what it makes', async () => {
  const { web, proxy } = await solo();
  const early = holdBack(web, '/events');
  const waiting = proxy.ask('/events');
  await early.arrived();
  expect((await proxy.purge('/', { tags: 'events', refresh: true })).status).toBe(204);
  early.answer(page(html('before')));
  expect((await waiting).text).toBe(html('before'));
  web.answer('/events', page(html('after')));
  expect(await proxy.ask('/events')).toMatchObject({
    text: html('after'),
    headers: { 'x-cache-status': 'MISS' },
  });
});

test('a page that the origin only confirms is fresh again', async () => {
  const { web, proxy } = await solo();
  web.answer('/', page(html('home'), { ETag: '"1"' }));
  await proxy.ask('/');
  web.answer('/', (_request, response) => {
    response.writeHead(304, { ETag: '"1"', 'Cache-Control': 's-maxage=60' }).end();
  });
  expect((await proxy.purge('/', { tags: 'home', refresh: true })).status).toBe(204);
  expect(web.requests.at(-1)?.headers).toMatchObject({ 'if-none-match': '"1"' });
  expect(await proxy.ask('/')).toMatchObject({ text: html('home'), headers: { 'x-cache-status': 'HIT' } });
});

test('nobody orders renders without the credential', async () => {
  const { web, proxy } = await solo();
  await proxy.ask('/');
  const refused = await proxy.purge('/', { tags: 'home', refresh: true, token: 'a-guess-of-somebody' });
  expect([refused.status, web.asked('/')]).toEqual([401, 1]);
});
