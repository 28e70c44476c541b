import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CATALOGUE_STREAM, type CatalogueEvent } from '@doa-market/common/contracts';
import { catalogueEventIn, isCatalogueEvent } from '@doa-market/common/events';
import { createLogger } from '@doa-market/common/logging';
import { createMetrics } from '@doa-market/common/metrics';
import { createOutbox, type Outbox, refusedStream } from '@doa-market/common/outbox';
import { connectRedis, createRedis, type Redis } from '@doa-market/common/redis';
import { until } from '@doa-market/common/testing';
import { startRedis } from '@doa-market/scripts/redis';
import { redisUrl, type TemporaryDatabase, temporaryDatabase } from '@doa-market/scripts/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, type Database } from '../src/database.ts';
import { recordEvents } from '../src/outbox/record.ts';

const logger = createLogger({ name: 'outbox-test', level: 'silent' });
/** So long that only the bell can have brought an event in time. */
const NEVER = 600_000;

let store: TemporaryDatabase;
let database: Database;
let redis: Redis;
let relays: Outbox[] = [];

const connect = async (url: string): Promise<Redis> => {
  const client = createRedis(url, { name: 'outbox-test', logger, timeout: 5_000 });
  await connectRedis(client);
  return client;
};

beforeAll(async () => {
  store = await temporaryDatabase(fileURLToPath(new URL('../prisma/migrations', import.meta.url)));
  database = createDatabase(store.url);
  redis = await connect(redisUrl());
});
beforeEach(async () => {
  await redis.del(CATALOGUE_STREAM, refusedStream(CATALOGUE_STREAM));
  await database.outboxEvent.deleteMany();
  await database.sentEvent.deleteMany();
});
afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.close()));
  relays = [];
  await listening();
});
afterAll(async () => {
  redis.disconnect();
  await database.$disconnect();
  await store.drop();
});

function relay(options: { redis?: Redis; interval?: number } = {}) {
  const metrics = createMetrics('outbox-test');
  const started = createOutbox({
    ...{ name: 'product-server', stream: CATALOGUE_STREAM, isEvent: isCatalogueEvent },
    ...{ database, databaseUrl: store.url, redis, logger, metrics, interval: NEVER },
    ...options,
  });
  started.start();
  relays.push(started);
  return { ...started, figure: (name: string) => figureOf(metrics.registry.metrics(), name) };
}

async function figureOf(text: Promise<string>, name: string): Promise<number> {
  const line = (await text).split('\n').find((it) => it.startsWith(`${name}{`));
  return Number(line?.split(' ').at(-1));
}

const change = (slug: string, aggregateId = randomUUID()) => ({
  ...({ eventType: 'product.changed', aggregateType: 'product', aggregateId, version: 2 } as const),
  payload: { slug, categorySlugs: ['living'], aspects: ['price' as const] },
});
const record = (...slugs: string[]) =>
  database.$transaction((tx) =>
    recordEvents(
      tx,
      slugs.map((slug) => change(slug)),
    ),
  );

async function onStream(from = redis): Promise<CatalogueEvent[]> {
  const entries = await from.xrange(CATALOGUE_STREAM, '-', '+');
  return entries.flatMap(([, fields]) => catalogueEventIn(fields) ?? []);
}
const slugsOnStream = async (from = redis) => (await onStream(from)).map(({ payload }) => payload.slug);
const waiting = () => database.outboxEvent.count();
const listening = () =>
  until(async () => {
    const [{ count }] = await database.$queryRaw<[{ count: bigint }]>`
      SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'product-server-outbox' AND query LIKE 'LISTEN%' AND state = 'idle'`;
    return Number(count) === relays.length;
  }, 'as many listen as relays run');

describe('an event', () => {
  it('is on the stream as the contract says, and no more in the outbox', async () => {
    relay();
    await record('lamp');
    const [event] = await until(async () => {
      const events = await onStream();
      return events.length > 0 && events;
    }, 'the event');
    expect(event).toMatchObject({
      ...{ eventType: 'product.changed', aggregateType: 'product', version: 2, causationId: null },
      ...{ correlationId: 'background', payload: { slug: 'lamp', aspects: ['price'] } },
    });
    await until(async () => (await waiting()) === 0, 'the end of the transaction');
    const sent = await database.sentEvent.findMany();
    expect(sent.map(({ event }) => event)).toEqual([event]);
  });

  it('is there within milliseconds of its commit, long before the next look', async () => {
    relay();
    await listening();
    const reader = await connect(redisUrl());
    const times: number[] = [];
    let last = '0';
    for (let index = 0; index < 20; index += 1) {
      await record(`lamp-${index}`);
      const committedAt = performance.now();
      const reply = await reader.xread('COUNT', 1, 'BLOCK', 4_000, 'STREAMS', CATALOGUE_STREAM, last);
      times.push(performance.now() - committedAt);
      last = reply?.[0]?.[1][0]?.[0] ?? 'nothing came';
    }
    reader.disconnect();
    // Of a machine that others use as well, the best says what the way takes.
    expect(Math.min(...times)).toBeLessThan(50);
  });

  it('of a change that was taken back never comes', async () => {
    relay();
    await database
      .$transaction(async (tx) => {
        await recordEvents(tx, [change('never')]);
        throw new Error('taken back');
      })
      .catch(() => undefined);
    await record('after');
    await until(async () => (await slugsOnStream()).includes('after'), 'the next event');
    expect(await slugsOnStream()).toEqual(['after']);
  });

  it('that nobody was told of is found by looking', async () => {
    await database.$executeRaw`ALTER TABLE outbox_events DISABLE TRIGGER outbox_events_announce`;
    relay({ interval: 50 });
    await listening();
    await record('quiet');
    await until(async () => (await slugsOnStream()).includes('quiet'), 'the event');
    await database.$executeRaw`ALTER TABLE outbox_events ENABLE TRIGGER outbox_events_announce`;
  });

  it('that is none by the contract is put aside and holds up nobody', async () => {
    const { figure } = relay();
    await database.outboxEvent.createMany({
      data: [
        { ...change('x'), payload: { slug: 'No Slug' }, correlationId: 'c' },
        { ...change('good'), correlationId: 'c' },
      ],
    });
    await until(async () => (await slugsOnStream()).includes('good'), 'the good one');
    expect(await slugsOnStream()).toEqual(['good']);
    expect(await redis.xlen(refusedStream(CATALOGUE_STREAM))).toBe(1);
    await until(async () => (await waiting()) === 0, 'the end of both');
    expect(await figure('outbox_refused_events_total')).toBe(1);
  });
});

describe('several relays', () => {
  it('share the work: a thousand events come once each', async () => {
    const slugs = Array.from({ length: 1_000 }, (_, index) => `lamp-${index}`);
    await record(...slugs);
    for (let count = 0; count < 3; count += 1) relay();
    await until(async () => (await waiting()) === 0, 'the outbox is empty');
    expect((await slugsOnStream()).toSorted()).toEqual(slugs.toSorted());
    expect(await database.sentEvent.count()).toBe(1_000);
  });
});

describe('what can go wrong', () => {
  it('a relay that dies between the stream and its commit: the event comes twice, and is the same', async () => {
    await record('twice');
    let died = false;
    const dying = new Proxy(redis, {
      get(target, name) {
        if (name !== 'pipeline') return Reflect.get(target, name);
        return () => {
          const pipeline = target.pipeline();
          const exec = pipeline.exec.bind(pipeline);
          pipeline.exec = async () => {
            const replies = await exec();
            if (died) return replies;
            died = true;
            throw new Error('killed');
          };
          return pipeline;
        };
      },
    });
    relay({ redis: dying });
    await until(async () => (await waiting()) === 0, 'the outbox is empty');
    const [first, second] = await onStream();
    expect(second).toEqual(first);
    expect(await database.sentEvent.count()).toBe(1);
  });

  it('no Redis: events wait, their age shows, and they go when it is back', async () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'doa-outbox-'));
    let own = await startRedis({ dataDir });
    const client = await connect(own.url);
    const { figure } = relay({ redis: client });
    await listening();
    await own.stop();
    await record('patient');
    await until(async () => (await figure('outbox_failures_total')) > 1, 'two attempts');
    expect(await figure('outbox_waiting_events')).toBe(1);
    expect(await figure('outbox_oldest_event_age_seconds')).toBeGreaterThan(0);
    own = await startRedis({ dataDir, port: own.port });
    await until(async () => (await slugsOnStream(client)).includes('patient'), 'the event');
    await until(async () => (await figure('outbox_waiting_events')) === 0, 'nothing waits');
    client.disconnect();
    await own.stop();
    rmSync(dataDir, { recursive: true });
  });

  it('PostgreSQL ends its connections: it listens again, and sends what was written meanwhile', async () => {
    relay();
    await listening();
    await database.$queryRaw`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`;
    await until(() => record('meanwhile').then(() => true), 'a write');
    await until(async () => (await slugsOnStream()).includes('meanwhile'), 'the event');
    await listening();
    await record('afterwards');
    await until(async () => (await slugsOnStream()).includes('afterwards'), 'the next event');
  });

  it('it is closed: what is written then waits for the next one', async () => {
    const { close } = relay();
    await listening();
    await close();
    relays = [];
    await record('later');
    expect(await slugsOnStream()).toEqual([]);
    relay();
    await until(async () => (await slugsOnStream()).includes('later'), 'the event');
  });
});
