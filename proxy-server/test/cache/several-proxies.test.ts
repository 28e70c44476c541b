import { crc32 } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { page } from '../support/origin.ts';
import { holdBack, html, plainText, REFRESH, soon, startShopProxy, useShop } from './support/shop.ts';

const shop = useShop(3);
const ENCODINGS = ['br', 'gzip', 'identity'];
const SHORT = { 'Cache-Control': 's-maxage=1, stale-while-revalidate=600' };
/** Milliseconds that the death of a proxy may cost, by the expiry of its lock, with room for a busy machine. */
const LOCK_EXPIRY = 3_000;
const ROOM = 2_500;

/** Visitors at all proxies in turn, with all encodings in turn. */
const crowd = (path: string, size: number, proxies = shop.proxies) =>
  Array.from({ length: size }, async (_, index) => {
    const proxy = proxies[index % proxies.length];
    if (!proxy) throw new Error('no proxy');
    const encoding = ENCODINGS[Math.floor(index / proxies.length) % ENCODINGS.length] ?? '';
    const startedAt = performance.now();
    const reply = await proxy.ask(path, { headers: { 'Accept-Encoding': encoding } });
    return { status: reply.status, text: plainText(reply), took: performance.now() - startedAt };
  });

const renders = async () => {
  const counts = await Promise.all(shop.proxies.map((it) => it.figure('proxy_cache_renders_total')));
  return counts.reduce<number>((sum, it) => sum + (it ?? 0), 0);
};

test('three hundred visitors of a cold page at three proxies cost one render', async () => {
  const path = shop.aPath();
  const before = await renders();
  const render = holdBack(shop.web, path);
  const visitors = crowd(path, 300);
  await render.arrived();
  await vi.waitFor(async () => {
    for (const proxy of shop.proxies) expect(await proxy.figure('http_requests_in_flight')).toBe(100);
  }, soon);
  render.answer(page(html('the page')));
  const replies = await Promise.all(visitors);

  expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
  expect(new Set(replies.map(({ text }) => text))).toEqual(new Set([html('the page')]));
  expect(shop.web.asked(path)).toBe(1);
  expect((await renders()) - before).toBe(1);
});

test('the death of the proxy that renders costs the others its lock and one render, no more', async () => {
  const path = shop.aPath();
  const render = holdBack(shop.web, path);
  const doomed = await shop.startAnother();
  const lost = doomed.ask(path).catch(() => 'lost');
  await render.arrived();
  const visitors = crowd(path, 60);
  await vi.waitFor(async () => {
    for (const proxy of shop.proxies) expect(await proxy.figure('http_requests_in_flight')).toBe(20);
  }, soon);
  shop.web.answer(path, page(html('by a survivor')));
  doomed.child.kill('SIGKILL');
  const killedAt = performance.now();
  const replies = await Promise.all(visitors);

  expect(performance.now() - killedAt).toBeLessThan(LOCK_EXPIRY + ROOM);
  expect(await lost).toBe('lost');
  expect(new Set(replies.map(({ status, text }) => `${status} ${text}`))).toEqual(
    new Set([`200 ${html('by a survivor')}`]),
  );
  expect(shop.web.asked(path)).toBe(2);
});

test.each([
  ['fails', page('broken', {}, 500), 500],
  ['finds nothing', page('nothing', {}, 404), 404],
  ['is personal', page(html('yours'), { 'Cache-Control': 'private, no-store' }), 200],
  ['sets a cookie', page(html('yours'), { 'Set-Cookie': 'a=1' }), 200],
  ['moves', page('', { Location: '/', 'Cache-Control': 's-maxage=60' }, 308), 308],
])('a render that %s does not make anybody wait for its lock', async (_, answer, status) => {
  const path = shop.aPath();
  const render = holdBack(shop.web, path);
  const visitors = crowd(path, 30);
  await render.arrived();
  await vi.waitFor(async () => {
    for (const proxy of shop.proxies) expect(await proxy.figure('http_requests_in_flight')).toBe(10);
  }, soon);
  shop.web.answer(path, answer);
  const answeredAt = performance.now();
  render.answer(answer);
  const replies = await Promise.all(visitors);

  expect(performance.now() - answeredAt).toBeLessThan(LOCK_EXPIRY - 500);
  expect(new Set(replies.map((it) => it.status))).toEqual(new Set([status]));
});

test('a page is served by a proxy that starts later, in brotli at once, and with the origin down', async () => {
  const path = shop.aPath();
  await shop.proxy(0).ask(path);
  const br = { headers: { 'Accept-Encoding': 'br' } };
  await vi.waitFor(async () => {
    expect((await shop.proxy(0).ask(path, br)).headers['content-encoding']).toBe('br');
    const [version] = await shop.redis.admin.hmget(shop.keyOf(path), 'version');
    // It was stored a second time, with what had not been ready at first.
    expect(version).toMatch(/\.1$/);
  }, soon);

  const late = await startShopProxy({ url: 'http://127.0.0.1:9' }, { REDIS_URL: shop.redis.url });
  const reply = await late.ask(path, br);

  expect(reply).toMatchObject({ status: 200, headers: { 'content-encoding': 'br' } });
  expect(plainText(reply)).toBe(html(path));
  expect(await late.cacheStatus(path)).toBe('HIT');
  expect(await late.figure('proxy_cache_shared_total')).toBe(1);
  expect(await late.figure('proxy_cache_renders_total')).toBe(0);
  expect(shop.web.asked(path)).toBe(1);
});

test('what is refreshed at one proxy is seen at the others within a second, without a render of their own', async () => {
  const path = shop.aPath();
  await shop.keepEverywhere(path);
  shop.web.answer(path, page(html('newer')));
  expect(plainText(await shop.proxy(0).ask(path, { headers: REFRESH }))).toBe(html('newer'));
  await vi.waitFor(
    async () => {
      for (const reply of await shop.askAll(path)) {
        expect([reply.text, reply.headers['x-cache-status']]).toEqual([html('newer'), 'HIT']);
      }
    },
    { timeout: 1_000, interval: 5 },
  );
  expect(shop.web.asked(path)).toBe(2);
});

test('a refresh that fails leaves every proxy with its page', async () => {
  const path = shop.aPath();
  await shop.keepEverywhere(path);
  shop.web.answer(path, page('broken', {}, 503));
  expect((await shop.proxy(0).ask(path, { headers: REFRESH })).status).toBe(503);
  const late = await shop.startAnother();
  for (const proxy of [...shop.proxies, late]) {
    expect(await proxy.ask(path)).toMatchObject({ status: 200, text: html(path) });
  }
  expect(shop.web.asked(path)).toBe(2);
});

test('a page that a refresh finds gone is gone at every proxy, and stays so', async () => {
  const path = shop.aPath();
  await shop.keepEverywhere(path);
  // The second answer has lived nearly all of its ten seconds when it comes.
  shop.web.answer(path, page('gone', { Age: '9' }, 404));
  expect((await shop.proxy(0).ask(path, { headers: REFRESH })).status).toBe(404);
  await vi.waitFor(
    async () => {
      for (const { status } of await shop.askAll(path)) expect(status).toBe(404);
    },
    { timeout: 1_000, interval: 5 },
  );
  const answers = new Set<number>();
  const asked = shop.web.asked(path);
  await vi.waitFor(async () => {
    for (const { status } of await shop.askAll(path)) answers.add(status);
    expect(shop.web.asked(path)).toBeGreaterThan(asked);
  }, soon);
  expect(answers).toEqual(new Set([404]));
});

test('a stale page at three proxies costs one renewal, and nobody waits for it', async () => {
  const path = shop.aPath();
  shop.web.answer(path, page(html('old'), SHORT));
  await shop.askAll(path);
  expect(shop.web.asked(path)).toBe(1);
  const render = holdBack(shop.web, path);
  await vi.waitFor(async () => {
    for (const { headers } of await shop.askAll(path)) expect(headers['x-cache-status']).toBe('STALE');
  }, soon);
  const replies = await Promise.all(crowd(path, 30));
  expect(new Set(replies.map(({ text }) => text))).toEqual(new Set([html('old')]));
  await render.arrived();
  render.answer(page(html('new')));
  await vi.waitFor(async () => {
    for (const { text } of await shop.askAll(path)) expect(text).toBe(html('new'));
  }, soon);
  expect(shop.web.asked(path)).toBe(2);
});

test('what is in Redis is believed only where it is a page of that key', async () => {
  const { admin } = shop.redis;
  const damage = (fields: Record<string, string>) => (key: string) => admin.hset(key, fields);
  const other = shop.aPath();
  const payloadOf = (key: string) => admin.hgetBuffer(key, 'payload');
  const replacements: Record<string, (key: string) => Promise<unknown>> = {
    garbage: damage({ payload: 'garbage' }),
    nothing: damage({ payload: '' }),
    'the checksum of something else': damage({ sum: '0' }),
    'garbage with its checksum': async (key) =>
      damage({ payload: 'garbage', sum: crc32('garbage').toString(16) })(key),
    'half a page with its checksum': async (key) => {
      const half = (await payloadOf(key))?.subarray(0, -100) ?? '';
      return admin.hset(key, { payload: half, sum: crc32(half).toString(16) });
    },
    'a page of another key': (key) => admin.copy(shop.keyOf(other), key, 'REPLACE'),
    'a page without its tags': (key) => admin.hdel(key, 'tags'),
    'a string': (key) => admin.set(key, 'by somebody else'),
    'a list': async (key) => [await admin.del(key), await admin.rpush(key, 'by somebody else')],
  };
  const paths = new Map(Object.keys(replacements).map((name) => [name, shop.aPath()]));
  for (const path of [other, ...paths.values()]) await shop.proxy(0).ask(path);
  await vi.waitFor(async () => {
    for (const path of [other, ...paths.values()]) {
      expect(await admin.hget(shop.keyOf(path), 'version')).toMatch(/\.1$/);
    }
  }, soon);
  const late = await shop.startAnother();

  for (const [name, path] of paths) {
    await replacements[name]?.(shop.keyOf(path));
    const reply = await late.ask(path);
    expect([name, reply.status, reply.text]).toEqual([name, 200, html(path)]);
    expect([name, shop.web.asked(path)]).toEqual([name, 2]);
    expect([name, await late.cacheStatus(path)]).toEqual([name, 'HIT']);
  }
});
