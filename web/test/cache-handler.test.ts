import { beforeEach, describe, expect, it } from 'vitest';
import RenderAwareCache from '../cache-handler.mjs';
import { rendersUnderWay } from '../src/api/renders';

type Handler = InstanceType<typeof RenderAwareCache>;
type Data = Parameters<Handler['set']>[1];

const GET = { kind: 'APP_PAGE', isFallback: false, isRoutePPREnabled: false } as Parameters<
  Handler['get']
>[1];
const SET = { cacheControl: { revalidate: 60, expire: 660 } } as Parameters<Handler['set']>[2];

const page = (html: string, tags: string) =>
  ({ kind: 'APP_PAGE', html, headers: { 'x-next-cache-tags': tags }, status: 200 }) as unknown as Data;

let pages = 0;
let key = '';
let cache: Handler;

/** What the other tests have left. */
const renders = (globalThis as Record<symbol, unknown>)[Symbol.for('doa-market.renders')] as {
  begun: Map<string, unknown>;
};

beforeEach(() => {
  renders.begun.clear();
  key = `/products/p-${++pages}`;
  const nowhere = { readFile: () => Promise.reject(new Error('nothing there')), existsSync: () => false };
  cache = new RenderAwareCache({
    ...{ fs: nowhere, flushToDisk: false, serverDistDir: '/nowhere', revalidatedTags: [] },
    ...{ maxMemoryCacheSize: 1_000_000, _requestHeaders: {} },
  } as unknown as ConstructorParameters<typeof RenderAwareCache>[0]);
});

const html = async () => {
  const entry = await cache.get(key, GET);
  return entry?.value && 'html' in entry.value ? entry.value.html : null;
};

describe('a page', () => {
  it('is kept, until one of its tags is invalidated', async () => {
    expect(await html()).toBeNull();
    await cache.set(key, page('first', 'product:lamp,home'), SET);
    expect(await html()).toBe('first');
    await cache.revalidateTag('product:other', { expire: 0 });
    expect(await html()).toBe('first');
    await cache.revalidateTag(['product:lamp'], { expire: 0 });
    expect(await html()).toBeNull();
  });

  it('whose render began before an invalidation is not kept, and the next one is', async () => {
    await html();
    await cache.revalidateTag('product:lamp', { expire: 0 });
    await cache.set(key, page('of before', 'product:lamp'), SET);
    expect(await html()).toBeNull();
    await cache.set(key, page('of after', 'product:lamp'), SET);
    expect(await html()).toBe('of after');
  });

  it('that shows nothing of what was invalidated is kept all the same', async () => {
    await html();
    await cache.revalidateTag('product:lamp', { expire: 0 });
    await cache.set(key, page('another', 'product:mug'), SET);
    expect(await html()).toBe('another');
  });
});

describe('renders under way', () => {
  it('are waited for until they end', async () => {
    await html();
    let over = false;
    const waiting = rendersUnderWay(5_000).then(() => {
      over = true;
    });
    await Promise.resolve();
    expect(over).toBe(false);
    await cache.set(key, page('done', 'home'), SET);
    await waiting;
    expect(over).toBe(true);
  });

  it('are not waited for for ever, and those that begin later not at all', async () => {
    await html();
    await rendersUnderWay(30);
    await cache.set(key, page('done', 'home'), SET);
    const waiting = rendersUnderWay(60_000);
    await html();
    await waiting;
  });
});
