import { expect, test, vi } from 'vitest';
import { page } from '../support/origin.ts';
import { html, soon, startShopProxy, startWeb, useShop } from './support/shop.ts';

const NOT_THERE = html('없는 상품입니다').repeat(30);
/** As many as a visitor could try while nobody looks. */
const GUESSES = 5_000;
const CAP = 1_000;

const notThere = (headers: Record<string, string> = {}) => page(NOT_THERE, headers, 404);

test('a page that is not there is kept for ten seconds at most, and asked for again after that', async () => {
  const web = await startWeb();
  const proxy = await startShopProxy(web);
  const lives: [string, string, string[]][] = [
    // Age, Cache-Control, what two visitors see
    ['0', 's-maxage=60', ['MISS', 'HIT']],
    ['5', 's-maxage=60', ['MISS', 'HIT']],
    ['11', 's-maxage=60', ['MISS', 'MISS']],
    ['4', 's-maxage=3', ['MISS', 'MISS']],
    ['0', 'private, no-store', ['MISS', 'MISS']],
  ];
  for (const [index, [Age, control, expected]] of lives.entries()) {
    const path = `/products/unknown-${index}`;
    web.answer(path, notThere({ Age, 'Cache-Control': control }));
    const replies = [await proxy.ask(path), await proxy.ask(path)];
    expect([index, replies.map(({ status }) => status)]).toEqual([index, [404, 404]]);
    expect([index, replies.map(({ headers }) => headers['x-cache-status'])]).toEqual([index, expected]);
  }
});

test('a product that comes to be is shown after ten seconds at most', async () => {
  const web = await startWeb();
  const proxy = await startShopProxy(web);
  web.answer('/products/new', notThere({ Age: '9' }));
  expect((await proxy.ask('/products/new')).status).toBe(404);
  web.answer('/products/new', page(html('new')));
  await vi.waitFor(async () => expect((await proxy.ask('/products/new')).text).toBe(html('new')), {
    ...soon,
    timeout: 2_500,
  });
});

test('an error in place of a page that was not there is not covered up with it', async () => {
  const web = await startWeb();
  const proxy = await startShopProxy(web);
  web.answer('/products/x', notThere({ Age: '11' }));
  await proxy.ask('/products/x');
  web.answer('/products/x', page('broken', {}, 500));
  expect((await proxy.ask('/products/x')).status).toBe(500);
});

test('whoever guesses addresses drives out his own guesses, and no page', async () => {
  const web = await startWeb();
  web.answerWith((request, response) => {
    const isGuess = request.url?.startsWith('/products/guess-');
    (isGuess ? notThere() : page(html(`${request.url}`)))(request, response);
  });
  // Room for the pages and about two hundred guesses.
  const proxy = await startShopProxy(web, { CACHE_MAX_BYTES: '4000000' });
  const pages = ['/', '/categories', ...Array.from({ length: 50 }, (_, index) => `/products/real-${index}`)];
  for (const path of pages) await proxy.ask(path);
  const rendered = web.requests.length;

  const guessers = Array.from({ length: 20 }, async (_, guesser) => {
    for (let index = guesser; index < GUESSES; index += 20) {
      expect((await proxy.ask(`/products/guess-${index}`)).status).toBe(404);
    }
  });
  await Promise.all(guessers);

  for (const path of pages) expect([path, await proxy.cacheStatus(path)]).toEqual([path, 'HIT']);
  expect(web.requests).toHaveLength(rendered + GUESSES);
  expect(await proxy.figure('proxy_cache_entries')).toBeLessThanOrEqual(pages.length + CAP);
});

test('no more than a thousand of them are held, however much room there is', async () => {
  const web = await startWeb();
  web.answerWith(page('not there', {}, 404));
  const proxy = await startShopProxy(web);
  const guessers = Array.from({ length: 20 }, async (_, guesser) => {
    for (let index = guesser; index < 2 * CAP; index += 20) await proxy.ask(`/products/guess-${index}`);
  });
  await Promise.all(guessers);
  expect(await proxy.figure('proxy_cache_entries')).toBe(CAP);
});

const shop = useShop(2);

test('what is not there is kept by each proxy, not in Redis', async () => {
  const path = shop.aPath();
  shop.web.answer(path, notThere());
  await shop.askAll(path);
  expect(await shop.redis.admin.exists(shop.keyOf(path))).toBe(0);
  const again = await shop.askAll(path);
  expect(again.map(({ status, headers }) => [status, headers['x-cache-status']])).toEqual([
    [404, 'HIT'],
    [404, 'HIT'],
  ]);
});
