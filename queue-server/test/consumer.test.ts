import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { ORDER_STREAM, type OrderEvent } from '@doa-market/common/contracts';
import { isOrderEvent } from '@doa-market/common/events';
import { UpstreamError } from '@doa-market/common/http';
import { createLogger } from '@doa-market/common/logging';
import { createMetrics } from '@doa-market/common/metrics';
import { createOutbox } from '@doa-market/common/outbox';
import { connectRedis, createRedis, type Redis } from '@doa-market/common/redis';
import { until } from '@doa-market/common/testing';
import { redisUrl, type TemporaryDatabase, temporaryDatabase } from '@doa-market/scripts/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Handle } from '../src/consumer/consume.ts';
import { createConsumer } from '../src/consumer/consumer.ts';
import { CONSUMER, sweepHandled } from '../src/consumer/handled.ts';
import { createDatabase, type Database } from '../src/database.ts';
import { runCommand } from '../src/dead-letter/commands.ts';
import { createDeadLetterRepository } from '../src/dead-letter/repository.ts';

const logger = createLogger({ name: 'consumer-test', level: 'silent' });

let store: TemporaryDatabase;
let database: Database;
let redis: Redis;
let running: { close: () => Promise<void> }[] = [];

beforeAll(async () => {
  store = await temporaryDatabase(fileURLToPath(new URL('../prisma/migrations', import.meta.url)));
  database = createDatabase(store.url);
  redis = createRedis(redisUrl(), { name: 'consumer-test', logger, timeout: 5_000 });
  await connectRedis(redis);
});
beforeEach(async () => {
  await redis.del(ORDER_STREAM);
  await database.handledEvent.deleteMany();
  await database.deadLetter.deleteMany();
  await database.outboxEvent.deleteMany();
});
afterEach(async () => {
  await Promise.all(running.map((it) => it.close()));
  running = [];
});
afterAll(async () => {
  redis.disconnect();
  await database.$disconnect();
  await store.drop();
});

async function consumer(handle: Handle, { settledAfter = 0 } = {}) {
  const metrics = createMetrics('consumer-test');
  const config = { REDIS_URL: redisUrl() };
  const started = createConsumer({ config, database, handle, logger, metrics, settledAfter });
  await started.start();
  running.push(started);
  return {
    ...started,
    async figure(name: string): Promise<number> {
      const line = (await metrics.registry.metrics()).split('\n').find((it) => it.startsWith(`${name}{`));
      return Number(line?.split(' ').at(-1));
    },
  };
}

const happened = (orderId: string = randomUUID(), version = 1): OrderEvent => ({
  ...{
    eventId: randomUUID(),
    eventType: 'order.captured',
    aggregateType: 'order',
    aggregateId: orderId,
    version,
  },
  ...{ occurredAt: new Date().toISOString(), correlationId: 'a-request', causationId: null },
  payload: { memberId: randomUUID(), kind: 'GOODS', paymentId: null },
});
async function send(...events: unknown[]): Promise<void> {
  for (const event of events) await redis.xadd(ORDER_STREAM, '*', 'event', JSON.stringify(event));
}
async function group(): Promise<{ pending: number; lag: number }> {
  const [state = []] = (await redis.xinfo('GROUPS', ORDER_STREAM)) as (string | number | null)[][];
  const figureOf = (name: string) => Number(state[state.indexOf(name) + 1]);
  return { pending: figureOf('pending'), lag: figureOf('lag') };
}
const allDone = () =>
  until(async () => {
    const { pending, lag } = await group();
    return pending + lag === 0;
  }, 'every event is done');
function deferred() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}
const dead = () => database.deadLetter.findMany();
const events = (...args: string[]) => runCommand(createDeadLetterRepository(database), args);

/** Marks, as every handler does, and keeps what it was called with. */
function remembering() {
  const seen: OrderEvent[] = [];
  const handle: Handle = async (event, mark) => {
    await database.$transaction(mark);
    seen.push(event);
  };
  return { seen, handle };
}

describe('an event', () => {
  it('is handled, marked and forgotten by the stream', async () => {
    const { seen, handle } = remembering();
    const { figure } = await consumer(handle);
    const event = happened();
    await send(event);
    await allDone();
    expect(seen).toEqual([event]);
    expect(await database.handledEvent.findMany()).toMatchObject([
      { consumer: CONSUMER, eventId: event.eventId },
    ]);
    expect(await figure('order_event_delay_seconds_count')).toBe(1);
  });

  it('that comes twice has its effect once', async () => {
    const { seen, handle } = remembering();
    const { figure } = await consumer(handle);
    const event = happened();
    await send(event, event);
    await allDone();
    expect(seen).toEqual([event]);
    await until(async () => (await figure('order_events_total')) === 1, 'both are counted');
  });

  it('that comes to two processes at once has its effect once', async () => {
    const { seen, handle } = remembering();
    await Promise.all([consumer(handle), consumer(handle), consumer(handle)]);
    const all = Array.from({ length: 50 }, () => happened());
    await send(...all, ...all);
    await allDone();
    expect(seen.map(({ eventId }) => eventId).toSorted()).toEqual(
      all.map(({ eventId }) => eventId).toSorted(),
    );
  });

  it('of an order waits for the one before it, and not for those of other orders', async () => {
    const order = randomUUID();
    const [first, second, other] = [happened(order, 1), happened(order, 2), happened()];
    const begun: OrderEvent[] = [];
    const { promise: stuck, resolve: finish } = deferred();
    await consumer(async (event) => {
      begun.push(event);
      if (event.eventId === first.eventId) await stuck;
    });
    await send(first, second, other);
    await until(() => begun.length === 2, 'two have begun');
    expect(begun).toEqual([first, other]);
    finish();
    await allDone();
    expect(begun).toEqual([first, other, second]);
  });

  it('that is none by the contract holds up nobody', async () => {
    const { seen, handle } = remembering();
    await consumer(handle);
    const event = happened();
    await send({ eventType: 'order.captured' }, 'nonsense', event);
    await allDone();
    expect(seen).toEqual([event]);
    expect(await dead()).toEqual([]);
  });
});

describe('an event that fails', () => {
  it('is tried again', async () => {
    let calls = 0;
    await consumer(async () => {
      calls += 1;
      if (calls < 3) throw new Error('not yet');
    });
    await send(happened());
    await allDone();
    expect(calls).toBe(3);
    expect(await dead()).toEqual([]);
  });

  it('three times is put aside with its reason, and holds up nobody', async () => {
    const bad = happened();
    let calls = 0;
    const { figure } = await consumer(async ({ eventId }) => {
      if (eventId !== bad.eventId) return;
      calls += 1;
      throw new Error('the shelf is gone');
    });
    await send(bad, happened(), happened(bad.aggregateId, 2));
    await allDone();
    expect(calls).toBe(3);
    expect(await dead()).toMatchObject([
      { eventId: bad.eventId, event: bad, reason: 'Error: the shelf is gone', attempts: 3, replayedAt: null },
    ]);
    expect(await figure('dead_letters_waiting')).toBe(1);
    expect(await figure('dead_letters_oldest_age_seconds')).toBeGreaterThan(0);
  });

  it('because another server is away is tried for as long as that is so', async () => {
    let calls = 0;
    await consumer(async () => {
      calls += 1;
      if (calls < 5) throw new UpstreamError('product-server', 'unreachable');
    });
    await send(happened());
    await until(() => calls === 4, 'more failures than an event may have');
    expect(await dead()).toEqual([]);
  });
});

describe('a process that dies', () => {
  /** As if processes had died over it. */
  async function abandoned(event: OrderEvent, deliveries: number): Promise<void> {
    await redis.xgroup('CREATE', ORDER_STREAM, CONSUMER, '0', 'MKSTREAM');
    await send(event);
    await redis.xreadgroup('GROUP', CONSUMER, 'dead', 'COUNT', 1, 'STREAMS', ORDER_STREAM, '>');
    const [[id]] = (await redis.xrange(ORDER_STREAM, '-', '+')) as [[string, string[]]];
    await redis.xclaim(
      ORDER_STREAM,
      CONSUMER,
      'dead',
      0,
      id,
      'IDLE',
      60_000,
      'RETRYCOUNT',
      deliveries,
      'JUSTID',
    );
  }

  it('leaves its events to the others', async () => {
    const { seen, handle } = remembering();
    const event = happened();
    await abandoned(event, 2);
    await consumer(handle);
    await allDone();
    expect(seen).toEqual([event]);
  });

  it('leaves them to one that has not just begun, and may be about to end as well', async () => {
    const young = remembering();
    const settled = remembering();
    const [left, fresh] = [happened(), happened()];
    await abandoned(left, 2);
    await consumer(young.handle, { settledAfter: 60_000 });
    await send(fresh);
    await until(() => young.seen.length === 1, 'it works');
    await consumer(settled.handle);
    await allDone();
    expect(young.seen).toEqual([fresh]);
    expect(settled.seen).toEqual([left]);
  });

  it('over the same event three times has it put aside unseen', async () => {
    const { seen, handle } = remembering();
    const event = happened();
    await abandoned(event, 3);
    await consumer(handle);
    await allDone();
    expect(seen).toEqual([]);
    expect(await dead()).toMatchObject([
      { eventId: event.eventId, reason: '3 processes ended while they handled it' },
    ]);
  });

  it('three times after it had its effect is not taken for its fault', async () => {
    const { seen, handle } = remembering();
    const event = happened();
    await database.handledEvent.create({ data: { consumer: CONSUMER, eventId: event.eventId } });
    await abandoned(event, 3);
    await consumer(handle);
    await allDone();
    expect(seen).toEqual([]);
    expect(await dead()).toEqual([]);
  });

  it('that is only stopped leaves what it has not done as if it had never read it', async () => {
    const { close } = await consumer(async () => {
      throw new UpstreamError('product-server', 'unreachable');
    });
    const event = happened();
    await send(event);
    await until(async () => (await group()).pending === 1, 'it is being tried');
    await close();
    running = [];
    const [[, , idle, deliveries]] = (await redis.xpending(ORDER_STREAM, CONSUMER, '-', '+', 1)) as [
      [string, string, number, number],
    ];
    expect(idle).toBeGreaterThanOrEqual(3_000);
    expect(deliveries).toBe(0);
    const { seen, handle } = remembering();
    await consumer(handle);
    await allDone();
    expect(seen).toEqual([event]);
  });
});

describe('Redis that comes back empty', () => {
  it('costs nothing but what it has lost', async () => {
    const { seen, handle } = remembering();
    await consumer(handle);
    await until(async () => (await group()).lag === 0, 'the group is there');
    await redis.del(ORDER_STREAM);
    const event = happened();
    await send(event);
    await until(() => seen.length === 1, 'the next event');
    expect(seen).toEqual([event]);
  });
});

describe('events that were put aside', () => {
  async function bury(event: OrderEvent) {
    const letters = createDeadLetterRepository(database);
    await letters.bury({ consumer: CONSUMER, event, reason: 'Error: no', attempts: 3 });
    return letters.find(event.eventId);
  }

  it('are listed until they are replayed', async () => {
    const event = happened();
    const letter = await bury(event);
    expect(await events('list')).toMatch(
      new RegExp(`^${letter?.id}  .*  order.captured of order ${event.aggregateId}  3 attempts  Error: no$`),
    );
    expect(await events('replay', `${letter?.id}`)).toBe('1 will be handled again');
    expect(await events('list')).toBe('none');
    expect(await events('list', '--all')).toContain('replayed ');
  });

  it('are shown with all that is known of them, by their own id or the event’s', async () => {
    const event = happened();
    const letter = await bury(event);
    for (const id of [letter?.id, event.eventId]) {
      expect(JSON.parse(await events('show', `${id}`))).toMatchObject({ id: letter?.id, event, attempts: 3 });
    }
  });

  it('are handled when they are replayed, even if they had been marked before', async () => {
    const { seen, handle } = remembering();
    await consumer(handle);
    const outbox = createOutbox({
      ...{ name: 'queue-server', stream: ORDER_STREAM, isEvent: isOrderEvent },
      ...{ database, databaseUrl: store.url, redis, logger, metrics: createMetrics('outbox') },
    });
    outbox.start();
    running.push(outbox);
    const all = [happened(), happened()];
    for (const event of all) await bury(event);
    await database.handledEvent.create({ data: { consumer: CONSUMER, eventId: all[0]?.eventId ?? '' } });
    expect(await events('replay', '--all')).toBe('2 will be handled again');
    await until(() => seen.length === 2, 'both');
    expect(seen).toEqual(expect.arrayContaining(all));
    expect(await events('replay', '--all')).toBe('0 will be handled again');
  });

  it('wait again when they fail again', async () => {
    const event = happened();
    await bury(event);
    await events('replay', event.eventId);
    await bury(event);
    expect(await dead()).toMatchObject([{ attempts: 6, replayedAt: null }]);
  });

  it.each([[], ['list', '--some'], ['show'], ['replay'], ['replay', '--all', 'twice'], ['dig']])(
    'are not touched by %j',
    async (...args) => {
      await expect(events(...args)).rejects.toThrow('Events that could not be handled');
    },
  );

  it.each([randomUUID(), 'no-id'])('that do not exist are said not to: %s', async (id) => {
    await expect(events('show', id)).rejects.toThrow(`no event ${id} was put aside`);
  });
});

describe('marks', () => {
  it('are forgotten after a week', async () => {
    const old = new Date(Date.now() - 8 * 86_400_000);
    const young = randomUUID();
    await database.handledEvent.createMany({
      data: [
        { consumer: CONSUMER, eventId: randomUUID(), handledAt: old },
        { consumer: CONSUMER, eventId: young },
      ],
    });
    expect(await sweepHandled(database)).toBe(1);
    expect(await database.handledEvent.findMany()).toMatchObject([{ eventId: young }]);
  });
});
