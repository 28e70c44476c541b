import { randomUUID } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { GATEWAY_MARK_SECONDS, gatewayMark, type Touched } from '@doa-market/common/cache-manifest';
import type { Redis } from '@doa-market/common/redis';
import { Agent } from 'undici';

/** One cache on the way from the change to the visitor. */
export interface Step {
  name: 'gateway' | 'web' | 'proxy';
  /** Idempotent. @throws where the cache may still have what was before */
  forget(touched: Touched): Promise<void>;
}

export interface StepsConfig {
  NEXT_SERVER: string;
  PROXY_SERVER_URL: string;
  PROXY_ADDRESS?: string;
  REVALIDATE_TOKEN: string;
  PURGE_TOKEN: string;
}

/** What each takes at once: of tags, in one request. */
const TAGS_OF_WEB = 1_000;
const TAGS_OF_PROXY = 100;
/** Milliseconds: web waits for renders that are under way, the proxy renders what it has. */
const WEB_TIMEOUT = 5_000;
const PROXY_TIMEOUT = 30_000;

/**
 * The caches from the inside out: each makes its answers from those before it, so one that came first would keep what is
 * old for another life.
 */
export function createSteps(redis: Redis, config: StepsConfig) {
  const agent = new Agent({ connect: { timeout: 1_000 } });

  async function send(origin: string, host: string, path: string, init: Omit<Call, 'origin' | 'path'>) {
    const { headers, timeout, ...rest } = init;
    const response = await agent.request({
      ...rest,
      ...{ origin, path, headers: { ...headers, host }, signal: AbortSignal.timeout(timeout) },
    });
    await response.body.dump();
    if (response.statusCode !== 204) throw new Error(`${init.method} ${path}: ${response.statusCode}`);
  }

  const gateway: Step = {
    name: 'gateway',
    async forget({ gatewayPaths }) {
      const pipeline = redis.pipeline();
      const mark = randomUUID();
      for (const path of gatewayPaths) pipeline.set(gatewayMark(path), mark, 'EX', GATEWAY_MARK_SECONDS);
      const replies = await pipeline.exec();
      const failure = replies ? replies.find(([error]) => error)?.[0] : new Error('nothing was sent');
      if (failure) throw failure;
    },
  };

  const web: Step = {
    name: 'web',
    async forget({ tags }) {
      const url = new URL(config.NEXT_SERVER);
      const origins = await originsOf(url);
      for (const part of parts(tags, TAGS_OF_WEB)) {
        const outcomes = await Promise.allSettled(
          origins.map((origin) =>
            send(origin, url.host, '/internal/revalidate', {
              method: 'POST',
              headers: {
                authorization: `Bearer ${config.REVALIDATE_TOKEN}`,
                'content-type': 'application/json',
              },
              body: JSON.stringify({ tags: part }),
              timeout: WEB_TIMEOUT,
            }),
          ),
        );
        const failures = outcomes.flatMap((it) => (it.status === 'rejected' ? [it.reason as unknown] : []));
        // Where one answers, an address that refuses is one without a process, and so without a cache.
        const grave = failures.filter((it) => !isRefusal(it) || failures.length === outcomes.length);
        if (grave.length > 0) throw grave[0];
      }
    },
  };

  const proxy: Step = {
    name: 'proxy',
    async forget({ tags }) {
      const { host } = new URL(config.PROXY_SERVER_URL);
      for (const part of parts(tags, TAGS_OF_PROXY)) {
        await send(config.PROXY_ADDRESS ?? config.PROXY_SERVER_URL, host, '/', {
          method: 'PURGE',
          headers: {
            authorization: `Bearer ${config.PURGE_TOKEN}`,
            'cache-tag': part.join(','),
            'x-cache-refresh': 'true',
          },
          timeout: PROXY_TIMEOUT,
        });
      }
    },
  };

  return { steps: [gateway, web, proxy] as const, close: () => agent.destroy() };
}

interface Call {
  origin: string;
  path: string;
  method: 'POST' | 'PURGE';
  headers: Record<string, string>;
  body?: string;
  /** Milliseconds to the end of the answer. */
  timeout: number;
}

/** Every instance behind a name: each has a cache of its own. */
async function originsOf({ hostname, port, protocol }: URL): Promise<string[]> {
  const addresses = await lookup(hostname.replace(/^\[|\]$/g, ''), { all: true });
  return addresses.map(({ address, family }) => {
    const name = family === 6 ? `[${address}]` : address;
    return `${protocol}//${name}${port && `:${port}`}`;
  });
}

const isRefusal = (error: unknown): boolean =>
  error instanceof Error && (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';

function* parts<T>(all: readonly T[], size: number): Iterable<T[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}
