import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, onTestFinished, vi } from 'vitest';
import { openRedis, type TestRedis } from '../../shared/support/redis.ts';
import { type OnEnd, type Origin, page, startOrigin } from '../../support/origin.ts';
import { type Reply, startProxy, WARMUP_TOKEN } from '../../support/proxy.ts';
import { sendRequest } from '../../support/request.ts';

/** The name of the shop: the same at every proxy, so that they have the same keys. */
export const HOST = 'shop.test';
export const PURGE_TOKEN = 'a-purge-token-of-the-tests';
export const REFRESH = { 'X-Cache-Refresh': 'true', 'X-Warmup-Token': WARMUP_TOKEN };

/** Patience with things that happen soon, on a machine that may be busy. */
export const soon = { timeout: 8_000, interval: 20 };

type Handler = Parameters<Origin['answerWith']>[0];
interface Options {
  method?: 'GET' | 'HEAD' | 'POST';
  headers?: Record<string, string>;
}
interface PurgeOptions {
  /** Of a Cache-Tag field; without it the path is meant. */
  tags?: string;
  /** Undefined sends none. */
  token?: string | undefined;
  /** Makes pages anew instead of forgetting them. */
  refresh?: boolean;
}

/** A page that is worth compressing. */
export const html = (text: string): string =>
  `<!doctype html><title>${text}</title>${'<p>x</p>'.repeat(200)}`;

/** The body without its content coding. */
export function plainText({ headers, bytes }: Pick<Reply, 'headers' | 'bytes'>): string {
  const coding = headers['content-encoding'];
  if (coding === 'br') return brotliDecompressSync(bytes).toString();
  return (coding === 'gzip' ? gunzipSync(bytes) : bytes).toString();
}

/** An origin that is told path by path what to answer, and otherwise has a page for everything. */
export async function startWeb(onEnd: OnEnd = onTestFinished) {
  const answers = new Map<string, Handler>();
  const general: Handler = (request, response) => page(html(`${request.url}`))(request, response);
  const origin = await startOrigin(
    (request, response) => (answers.get(request.url ?? '') ?? general)(request, response),
    undefined,
    onEnd,
  );
  return {
    ...origin,
    answer: (path: string, handler: Handler) => void answers.set(path, handler),
    /** How often a target was asked for. */
    asked: (path: string): number => origin.requests.filter(({ url }) => url === path).length,
  };
}
export type Web = Awaited<ReturnType<typeof startWeb>>;

/** One proxy of the shop. */
export async function startShopProxy(
  web: { url: string },
  env: Record<string, string | undefined> = {},
  onEnd: OnEnd = onTestFinished,
) {
  const settings = { PROXY_SERVER_URL: `http://${HOST}`, PURGE_TOKEN, ...env };
  const proxy = await startProxy({ web, gateway: web }, settings, onEnd);
  const ask = (path: string, { method = 'GET', headers = {} }: Options = {}) =>
    proxy.ask(path, { method, headers: { Host: HOST, ...headers } });
  return {
    ...proxy,
    ask,
    cacheStatus: async (path: string, options?: Options) =>
      (await ask(path, options)).headers['x-cache-status'],
    purge: (path: string, { tags, refresh = false, ...rest }: PurgeOptions = {}) => {
      const token = 'token' in rest ? rest.token : PURGE_TOKEN;
      const headers = {
        Host: HOST,
        ...(tags !== undefined && { 'Cache-Tag': tags }),
        ...(refresh && { 'X-Cache-Refresh': 'true' }),
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      };
      return sendRequest(proxy.port, path, { method: 'PURGE', headers });
    },
    /** What it says of its own readiness. */
    ready: async (): Promise<unknown> => (await fetch(`${proxy.adminUrl}/ready`)).json(),
  };
}
export type ShopProxy = Awaited<ReturnType<typeof startShopProxy>>;

/** Proxies of one shop over one Redis, in front of one origin; all of it lives as long as the file's tests. */
export function useShop(count: number) {
  const ends: (() => Promise<void>)[] = [];
  const onEnd: OnEnd = (cleanUp) => void ends.unshift(cleanUp);
  let redis: TestRedis | undefined;
  let web: Web | undefined;
  let proxies: ShopProxy[] = [];
  let paths = 0;

  beforeAll(async () => {
    const opened = await openRedis();
    redis = opened;
    onEnd(() => opened.close());
    const origin = await startWeb(onEnd);
    web = origin;
    const env = { REDIS_URL: opened.url };
    proxies = await Promise.all(Array.from({ length: count }, () => startShopProxy(origin, env, onEnd)));
  });
  afterAll(async () => {
    for (const end of ends) await end();
  });
  function there<T>(it: T | undefined): T {
    if (it === undefined) throw new Error('The shop is open as long as the tests run, no longer.');
    return it;
  }

  const shop = {
    get redis() {
      return there(redis);
    },
    get web() {
      return there(web);
    },
    get proxies() {
      return proxies;
    },
    proxy: (index: number): ShopProxy => there(proxies[index]),
    /** A product that no other test has. */
    aPath: (): string => `/products/p-${++paths}`,
    keyOf: (path: string): string => `html_cache:${HOST}${path}`,
    /** One more proxy, for one test. */
    startAnother: (env: Record<string, string | undefined> = {}) =>
      startShopProxy(shop.web, { REDIS_URL: shop.redis.url, ...env }),
    /** Asks every proxy, one after another. */
    async askAll(path: string, options?: Options): Promise<Reply[]> {
      const replies: Reply[] = [];
      for (const proxy of proxies) replies.push(await proxy.ask(path, options));
      return replies;
    },
    /** Puts a page into every proxy, and into Redis. */
    async keepEverywhere(path: string): Promise<void> {
      await vi.waitFor(async () => {
        for (const { headers } of await shop.askAll(path)) expect(headers['x-cache-status']).toBe('HIT');
      }, soon);
    },
  };
  return shop;
}

/** Requests that a test holds back, and answers when it has seen enough. */
export function holdBack(web: Web, path: string) {
  const held: { answer: (handler: Handler) => void }[] = [];
  web.answer(path, (request, response) => {
    held.push({ answer: (handler) => handler(request, response) });
  });
  return {
    held,
    /** Waits until that many have come. */
    arrived: (count = 1) => vi.waitFor(() => expect(held.length).toBeGreaterThanOrEqual(count), soon),
    /** Answers all that have come. */
    answer: (handler: Handler) => {
      for (const it of held.splice(0)) it.answer(handler);
    },
  };
}
