import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { aKey, entry, granted, openLevel, textOf } from './support/levels.ts';
import { openRedis, type TestRedis } from './support/redis.ts';
import { startRenderer } from './support/renderer.ts';

/** Of processes as they run in production: each has a runtime, connections and a level of its own. */
const LOCK_TTL = 1_000;
let redis: TestRedis;

beforeAll(async () => {
  redis = await openRedis();
});
afterAll(() => redis.close());

it('a thousand visitors of one page at three proxies cost one render', async () => {
  const renderers = await Promise.all([1, 2, 3].map(() => startRenderer(redis.url)));
  const key = aKey();
  const answers = await Promise.all(renderers.map((renderer) => renderer.tell('obtain', key, '334')));
  const pages = answers.flat();
  expect(pages).toHaveLength(1_002);
  expect(pages.filter((page) => page === 'rendered')).toHaveLength(1);
  expect(new Set(pages.filter((page) => page !== 'rendered')).size).toBe(1);
  expect(pages.at(-1)).toMatch(/^rendered/);
  expect(await Promise.all(renderers.map((renderer) => renderer.end()))).toEqual([0, 0, 0]);
});

it('a proxy that is killed while it renders delays the others by the life of its lock at most', async () => {
  const [renderer, other] = await Promise.all([
    startRenderer(redis.url, { lockTtl: LOCK_TTL }),
    openLevel(redis.url),
  ]);
  const key = aKey();
  expect(await renderer.tell('claim', key)).toBe('granted');
  const waiting = await other.claim(key);
  renderer.signal('SIGKILL');
  const killedAt = performance.now();
  expect(waiting.kind === 'elsewhere' && (await waiting.settled)).toBeUndefined();
  expect(performance.now() - killedAt).toBeLessThan(LOCK_TTL + 500);
  granted(await other.claim(key));
});

it('a proxy that hung while it rendered overwrites nothing when it goes on', async () => {
  const [renderer, other] = await Promise.all([
    startRenderer(redis.url, { lockTtl: LOCK_TTL }),
    openLevel(redis.url),
  ]);
  const key = aKey();
  expect(await renderer.tell('claim', key)).toBe('granted');
  renderer.signal('SIGSTOP');
  const next = await vi.waitFor(async () => granted(await other.claim(key)), {
    timeout: 3_000,
    interval: 20,
  });
  await next.store(entry('by the other one'));
  renderer.signal('SIGCONT');
  expect(await renderer.tell('store', key, 'from before it hung')).toBe('overtaken');
  expect(textOf(await other.get(key))).toBe('by the other one');
  expect(await renderer.tell('get', key)).toBe('by the other one');
});

it('purges go both ways between the runtimes', async () => {
  const [renderer, other] = await Promise.all([startRenderer(redis.url), openLevel(redis.url)]);
  await renderer.tell('purge', 'from there');
  await vi.waitFor(() => expect(other.purged).toEqual(['from there']), { timeout: 1_000, interval: 5 });
  await other.purge(['from here']);
  await vi.waitFor(async () => expect(await renderer.tell('purged')).toContain('from here'), {
    timeout: 1_000,
    interval: 5,
  });
});

it('a proxy whose Redis hangs and goes, and whose subscription is cut, lives on and takes part again', async () => {
  const [renderer, other] = await Promise.all([startRenderer(redis.url), openLevel(redis.url)]);
  const isBack = async () => {
    expect(await renderer.tell('isAvailable')).toBe(true);
    expect(other.isAvailable()).toBe(true);
  };
  await redis.dropSubscribers();
  await other.purge(['after the cut']);
  await vi.waitFor(async () => expect(await renderer.tell('purged')).toContain('after the cut'), 1_000);

  redis.signal('SIGSTOP');
  expect(await renderer.tell('get', aKey())).toBeNull();
  redis.signal('SIGCONT');
  await vi.waitFor(isBack, { timeout: 10_000, interval: 20 });

  redis.signal('SIGKILL');
  await vi.waitFor(async () => expect(await renderer.tell('isAvailable')).toBe(false), 2_000);
  expect(await renderer.tell('claim', aKey())).toBe('unavailable');
  await redis.startAgain();
  await vi.waitFor(isBack, { timeout: 10_000, interval: 20 });

  const key = aKey();
  expect(await renderer.tell('claim', key)).toBe('granted');
  const waiting = await other.claim(key);
  expect(await renderer.tell('store', key, 'the page')).toBe('stored');
  expect(waiting.kind === 'elsewhere' && textOf(await waiting.settled)).toBe('the page');
  await other.purge(['the page']);
  expect(await renderer.tell('get', key)).toBeNull();
  expect(await renderer.end()).toBe(0);
});
