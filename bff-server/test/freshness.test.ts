import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gatewayMark } from '@doa-market/common/cache-manifest';
import { CATALOGUE_STREAM, type CatalogueEvent, type ProductAspect } from '@doa-market/common/contracts';
import { createLogger } from '@doa-market/common/logging';
import { createMetrics } from '@doa-market/common/metrics';
import { connectRedis, createRedis, type Redis } from '@doa-market/common/redis';
import { until } from '@doa-market/common/testing';
import { redisUrl } from '@doa-market/scripts/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFreshness } from '../src/freshness/index.ts';
import { DEAD_STREAM } from '../src/freshness/stream.ts';

const logger = createLogger({ name: 'freshness-test', level: 'silent' });

interface Seen {
  who: 'web' | 'proxy';
  method: string;
  path: string;
  host: string;
  authorization: string;
  refresh: string;
  tags: string[];
  at: number;
}

let redis: Redis;
let seen: Seen[] = [];
/** What each says; 204 if nothing else was said. */
let answers: { web: (call: number) => number; proxy: (call: number) => number };
let journal: CatalogueEvent[] = [];
let running: { close: () => Promise<void> }[] = [];
const servers: Server[] = [];
const urls = { web: '', proxy: '' };

async function startCache(who: 'web' | 'proxy'): Promise<void> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const { tags = `${request.headers['cache-tag']}`.split(',') }: { tags?: string[] } = text
        ? JSON.parse(text)
        : {};
      const { host = '', authorization = '' } = request.headers;
      const refresh = `${request.headers['x-cache-refresh']}`;
      const call = {
        who,
        method: request.method ?? '',
        path: request.url ?? '',
        host,
        authorization,
        refresh,
      };
      seen.push({ ...call, tags, at: Date.now() });
      response.writeHead(answers[who](told(who).length)).end();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  urls[who] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  redis = createRedis(redisUrl(), { name: 'freshness-test', logger, timeout: 5_000 });
  await connectRedis(redis);
  await Promise.all([startCache('web'), startCache('proxy')]);
});
beforeEach(async () => {
  await redis.flushdb();
  seen = [];
  journal = [];
  answers = { web: () => 204, proxy: () => 204 };
});
afterEach(async () => {
  await Promise.all(running.map((it) => it.close()));
  running = [];
});
afterAll(() => {
  redis.disconnect();
  for (const server of servers) server.close();
});

const told = (who: Seen['who']) => seen.filter((it) => it.who === who);
const toldOf = (who: Seen['who']) => told(who).flatMap(({ tags }) => tags);

async function start() {
  const metrics = createMetrics('freshness-test');
  const freshness = createFreshness({
    config: {
      REDIS_URL: redisUrl(),
      NEXT_SERVER: urls.web,
      PROXY_SERVER_URL: 'https://shop.example',
      PROXY_ADDRESS: urls.proxy,
      REVALIDATE_TOKEN: 'the-token-of-web',
      PURGE_TOKEN: 'the-token-of-the-proxy',
    },
    ...{ logger, metrics },
    sentEvents: async ({ from, until: end, after }) => {
      const data = journal.filter(({ occurredAt, eventId }) => {
        const at = new Date(occurredAt);
        return at >= from && at < end && (after === null || eventId > after);
      });
      return { data, next: null };
    },
  });
  await freshness.start();
  running.push(freshness);
  return {
    ...freshness,
    async figure(name: string): Promise<number> {
      const line = (await metrics.registry.metrics()).split('\n').find((it) => it.startsWith(name));
      return Number(line?.split(' ').at(-1) ?? 0);
    },
  };
}

function change(slug: string, aspects: ProductAspect[] = ['price'], age = 0): CatalogueEvent {
  return {
    ...{ eventId: randomUUID(), eventType: 'product.changed', aggregateType: 'product', version: 2 },
    ...{ aggregateId: randomUUID(), correlationId: 'c', causationId: null },
    occurredAt: new Date(Date.now() - age).toISOString(),
    payload: { slug, categorySlugs: ['living'], aspects },
  };
}
const send = async (...events: unknown[]) => {
  const pipeline = redis.pipeline();
  for (const event of events) pipeline.xadd(CATALOGUE_STREAM, '*', 'event', JSON.stringify(event));
  await pipeline.exec();
};
const unfinished = async () => {
  const [state] = (await redis.xinfo('GROUPS', CATALOGUE_STREAM)) as (string | number)[][];
  return Number(state?.[state.indexOf('pending') + 1]) + Number(state?.[state.indexOf('lag') + 1]);
};
const allDone = () => until(async () => (await unfinished()) === 0, 'every event is done');

describe('a change', () => {
  it('is told to the gateway, then to web, then to the proxy, which makes its pages anew', async () => {
    let markBeforeWeb: string | null = null;
    answers.web = () => 204;
    await start();
    await send(change('lamp'));
    await until(() => told('proxy').length === 1, 'the proxy is told');
    markBeforeWeb = await redis.get(gatewayMark('/api/home'));
    expect(markBeforeWeb).not.toBeNull();
    expect(await redis.get(gatewayMark('/api/products/lamp'))).toBe(markBeforeWeb);
    expect(seen.map(({ who }) => who)).toEqual(['web', 'proxy']);
    const tags = ['product:lamp', 'home', 'category:living'];
    expect(seen[0]).toMatchObject({
      ...{ method: 'POST', path: '/internal/revalidate', authorization: 'Bearer the-token-of-web', tags },
    });
    expect(seen[1]).toMatchObject({
      ...{ method: 'PURGE', host: 'shop.example', authorization: 'Bearer the-token-of-the-proxy' },
      ...{ refresh: 'true', tags },
    });
    await allDone();
  });

  it('is told to a cache that failed again, and to those behind it only then', async () => {
    answers.web = (call) => (call < 3 ? 500 : 204);
    answers.proxy = (call) => (call < 2 ? 503 : 204);
    const { figure } = await start();
    await send(change('lamp'));
    await allDone();
    expect(seen.map(({ who }) => who)).toEqual(['web', 'web', 'web', 'proxy', 'proxy']);
    expect(await figure('freshness_failures_total{step="web"')).toBe(2);
    expect(await figure('freshness_delay_seconds_count')).toBe(1);
  });

  it('is put aside when a cache cannot be told at all, and holds up no other', async () => {
    answers.proxy = (call) => (toldOf('proxy').at(-1) === 'stock:bad' || call === 0 ? 500 : 204);
    await start();
    await send(change('bad', ['stock']));
    await until(() => told('proxy').length > 0, 'the first attempt');
    await send(change('good', ['stock']));
    await until(() => toldOf('proxy').includes('stock:good'), 'the other change');
    await allDone();
    const [dead] = await redis.xrange(DEAD_STREAM, '-', '+');
    expect(dead?.[1].join(' ')).toMatch(/"slug":"bad".*proxy could not be told/);
    expect(await redis.xlen(DEAD_STREAM)).toBe(1);
  });

  it('that is none by the contract is dropped', async () => {
    const { figure } = await start();
    await send({ eventType: 'product.changed' }, 'nonsense', change('lamp'));
    await allDone();
    expect(toldOf('web')).toContain('product:lamp');
    expect(await figure('freshness_events_total{outcome="refused"')).toBe(2);
  });
});

describe('a burst', () => {
  it('of a thousand changes of one product is a few purges', async () => {
    await start();
    const startedAt = Date.now();
    for (let part = 0; part < 20; part += 1) {
      await send(...Array.from({ length: 50 }, () => change('lamp', ['stock'])));
    }
    await allDone();
    const rounds = Math.ceil((Date.now() - startedAt) / 200) + 1;
    expect(told('proxy').length).toBeLessThanOrEqual(rounds);
    expect(told('proxy').length).toBeLessThan(12);
    expect(new Set(toldOf('proxy'))).toEqual(new Set(['stock:lamp']));
  });

  it('of many products is told in parts that fit', async () => {
    await start();
    await send(...Array.from({ length: 250 }, (_, index) => change(`lamp-${index}`, ['images'])));
    await allDone();
    expect(new Set(toldOf('proxy')).size).toBe(250);
    for (const { tags } of told('proxy')) expect(tags.length).toBeLessThanOrEqual(100);
  });
});

describe('several processes', () => {
  it('share the events', async () => {
    await Promise.all([start(), start(), start()]);
    for (let index = 0; index < 30; index += 1) await send(change(`lamp-${index}`, ['images']));
    await allDone();
    expect(toldOf('web').toSorted()).toEqual(
      Array.from({ length: 30 }, (_, index) => `product:lamp-${index}`).toSorted(),
    );
  });

  it('take over what one of them has read when it dies', async () => {
    await redis.xgroup('CREATE', CATALOGUE_STREAM, 'freshness', '0', 'MKSTREAM');
    await send(change('lamp'));
    await redis.xreadgroup('GROUP', 'freshness', 'killed', 'STREAMS', CATALOGUE_STREAM, '>');
    await start();
    await until(() => toldOf('proxy').includes('product:lamp'), 'another one does it');
    await allDone();
  });

  it('leave what one of them has read and not done when it is stopped', async () => {
    answers.web = () => 500;
    const first = await start();
    await send(change('lamp'));
    await until(() => told('web').length > 0, 'an attempt');
    await first.close();
    running = [];
    expect(await unfinished()).toBe(1);
    answers.web = () => 204;
    await start();
    await until(() => toldOf('proxy').includes('product:lamp'), 'another one does it');
  });
});

describe('what was lost', () => {
  it('is found in what product-server has sent, at the start, and done once', async () => {
    const [lost, done] = [change('lost', ['images'], 60_000), change('done', ['images'], 60_000)];
    journal = [lost, done];
    await redis.zadd('freshness:applied', Date.now(), done.eventId);
    const { figure } = await start();
    await until(() => toldOf('proxy').includes('product:lost'), 'the lost change');
    await until(async () => (await redis.zscore('freshness:applied', lost.eventId)) !== null, 'it is noted');
    expect(toldOf('web')).toEqual(['product:lost']);
    const missed = () => figure('freshness_events_total{outcome="missed"');
    await until(async () => (await missed()) > 0, 'it is counted');
    expect(await missed()).toBe(1);
    await start();
    await until(async () => (await redis.get('freshness:reconciled-until')) !== null, 'a round');
    expect(toldOf('web')).toEqual(['product:lost']);
  });

  it('is no more than what is older than the last round and some', async () => {
    journal = [change('old', ['images'], 600_000), change('new', ['images'], 30_000)];
    await redis.set('freshness:reconciled-until', Date.now() - 60_000);
    await start();
    await until(() => toldOf('proxy').includes('product:new'), 'the new one');
    expect(toldOf('web')).toEqual(['product:new']);
  });

  it('is nothing when Redis has come back without the stream: what comes next is done', async () => {
    await start();
    await send(change('before', ['images']));
    await allDone();
    await redis.flushdb();
    await send(change('after', ['images']));
    await until(() => toldOf('proxy').includes('product:after'), 'the next change');
  });
});
