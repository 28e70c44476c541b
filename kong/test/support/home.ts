import type { ServerResponse } from 'node:http';
import type { Answer } from './client.ts';
import { type Market, type MarketOptions, openMarket } from './market.ts';
import type { Reply } from './upstream.ts';

/** The market around one cached address. */
export interface Home {
  market: Market;
  /** Its name in Redis. */
  key: string;
  get(headers?: Record<string, string>, path?: string): Promise<Answer>;
  head(headers?: Record<string, string>): Promise<Answer>;
  /** The BFF numbers its answers, so that one from the cache can be told. */
  answerWith(cacheControl: string | string[] | undefined, change?: (response: ServerResponse) => void): void;
  /** The BFF says this; answers wait for `release`. */
  answerLater(cacheControl: string, body: string): { release(): void };
  replyWith(reply: Reply): void;
  /** Requests that the BFF has seen since the last reset. */
  fetches(): number;
  /** What is kept is fresh no more. */
  age(): Promise<unknown>;
  /** Nothing is kept, and the BFF answers with something to keep. */
  reset(): Promise<void>;
}

export const REFRESH = { 'x-cache-refresh': 'true', 'x-warmup-token': 'doa-warm-up-development-token' };

export async function openHome(options: MarketOptions = {}): Promise<Home> {
  const market = await openMarket({ ...options, env: { RATE_LIMIT_PUBLIC: '100000', ...options.env } });
  const { bff } = market.services;
  const key = 'cache:GET:/api/home';
  let count = 0;
  const home: Home = {
    market,
    key,
    get: async (headers = {}, path = '/api/home') =>
      market.get(path, { headers: { ...(await market.as('GUEST')), ...headers } }),
    head: async (headers = {}) =>
      market.get('/api/home', { method: 'HEAD', headers: { ...(await market.as('GUEST')), ...headers } }),
    answerWith(cacheControl, change = () => undefined) {
      bff.reply = (response) => {
        count += 1;
        if (cacheControl !== undefined) response.setHeader('cache-control', cacheControl);
        response.setHeader('etag', `"${count}"`);
        change(response);
        response.end(`answer ${count}`);
      };
    },
    answerLater(cacheControl, body) {
      const held: (() => void)[] = [];
      let isReleased = false;
      bff.reply = (response) => {
        const finish = () => response.setHeader('cache-control', cacheControl).end(body);
        if (isReleased) finish();
        else held.push(finish);
      };
      return {
        release() {
          isReleased = true;
          for (const finish of held.splice(0)) finish();
        },
      };
    },
    replyWith(reply) {
      bff.reply = reply;
    },
    fetches: () => bff.seen.length,
    age: () => market.redis.client.hset(key, 'fresh', Date.now() - 1),
    async reset() {
      await market.redis.client.del(key);
      bff.reset();
      home.answerWith('public, s-maxage=60');
    },
  };
  return home;
}
