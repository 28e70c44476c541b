import { expect, onTestFinished, test, vi } from 'vitest';
import { createGate } from '../support/gate.ts';
import { page } from '../support/origin.ts';
import { html, soon, useShop } from './support/shop.ts';

const shop = useShop(3);
/** Milliseconds: what a Redis that is away may cost a visitor, and what a busy machine may add to it. */
const DELAY = 500;
const ROOM = 1_500;

/** Visitors of pages old and new, at all proxies, for as long as a test goes on. */
function keepVisiting() {
  const known = [shop.aPath(), shop.aPath()];
  const failures: unknown[] = [];
  let slowest = 0;
  let visits = 0;
  let isOver = false;

  async function visit(index: number): Promise<void> {
    const path = index % 2 === 0 ? shop.aPath() : (known[index % known.length] ?? '');
    const startedAt = performance.now();
    const { status, text } = await shop.proxy(index % 3).ask(path);
    slowest = Math.max(slowest, performance.now() - startedAt);
    visits += 1;
    if (status !== 200 || text !== html(path)) failures.push({ path, status, text });
  }
  const visitors = [0, 1, 2, 3, 4, 5].map(async (visitor) => {
    for (let index = visitor; !isOver; index += 7) await visit(index);
  });
  onTestFinished(() => {
    isOver = true;
  });
  return {
    async manyMore(count = 150): Promise<void> {
      const until = visits + count;
      await vi.waitFor(() => expect(visits).toBeGreaterThan(until), { timeout: 15_000, interval: 20 });
    },
    async end() {
      isOver = true;
      await Promise.all(visitors);
      return { failures, slowest };
    },
  };
}

const everyProxyIs = (status: 'ready' | 'degraded') =>
  vi.waitFor(async () => {
    for (const proxy of shop.proxies) {
      const redis = { status: status === 'ready' ? 'up' : 'down', required: false };
      expect(await proxy.ready()).toMatchObject({ status, checks: { redis } });
    }
  }, soon);

/** A purge at one proxy takes the page from all of them, and what is rendered after it goes round again. */
async function purgesWork(): Promise<void> {
  const path = shop.aPath();
  await shop.keepEverywhere(path);
  shop.web.answer(path, page(html('after the purge')));
  expect((await shop.proxy(1).purge(path)).status).toBe(204);
  await vi.waitFor(
    async () => {
      for (const { text } of await shop.askAll(path)) expect(text).toBe(html('after the purge'));
    },
    { timeout: 1_000, interval: 5 },
  );
  expect(shop.web.asked(path)).toBe(2);
}

const OUTAGES: [string, () => unknown, () => unknown][] = [
  ['is killed', () => shop.redis.signal('SIGKILL'), () => shop.redis.startAgain()],
  ['hangs', () => shop.redis.signal('SIGSTOP'), () => shop.redis.signal('SIGCONT')],
];

test.each(OUTAGES)(
  'a Redis that %s costs no visitor his page, and is used again afterwards',
  async (_, go, come) => {
    await everyProxyIs('ready');
    const visitors = keepVisiting();
    await visitors.manyMore();
    go();
    await visitors.manyMore();
    await everyProxyIs('degraded');
    await visitors.manyMore();
    await come();
    await everyProxyIs('ready');
    await visitors.manyMore();

    const { failures, slowest } = await visitors.end();
    expect(failures).toEqual([]);
    expect(slowest).toBeLessThan(DELAY + ROOM);
    await purgesWork();
  },
);

test('a Redis that goes while a page is rendered does not take it from those who wait', async () => {
  const path = shop.aPath();
  const gate = createGate();
  shop.web.answer(path, (request, response) => {
    void gate.opened.then(() => page(html(path))(request, response));
  });
  const visitors = shop.proxies.flatMap((proxy) => [proxy.ask(path), proxy.ask(path)]);
  await vi.waitFor(() => expect(shop.web.asked(path)).toBe(1), soon);
  shop.redis.signal('SIGSTOP');
  // Whoever waited for another proxy now goes himself.
  await vi.waitFor(() => expect(shop.web.asked(path)).toBe(3), soon);
  gate.open();

  for (const { status, text } of await Promise.all(visitors))
    expect([status, text]).toEqual([200, html(path)]);
  shop.redis.signal('SIGCONT');
  await everyProxyIs('ready');
});

test('a purge while Redis is away says so, takes the page from this proxy, and can be said again', async () => {
  await everyProxyIs('ready');
  const path = shop.aPath();
  await shop.keepEverywhere(path);
  shop.redis.signal('SIGSTOP');
  const refused = await shop.proxy(0).purge(path);
  expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  expect(await shop.proxy(0).cacheStatus(path)).toBe('MISS');
  expect(await shop.proxy(1).cacheStatus(path)).toBe('HIT');

  shop.redis.signal('SIGCONT');
  shop.web.answer(path, page(html('changed')));
  await vi.waitFor(async () => expect((await shop.proxy(0).purge(path)).status).toBe(204), soon);
  await vi.waitFor(async () => {
    for (const { text } of await shop.askAll(path)) expect(text).toBe(html('changed'));
  }, soon);
});
