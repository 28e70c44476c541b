import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@doa-market/common/config';
import type { Order, OrderListSchema, Readiness } from '@doa-market/common/contracts';
import type { ProblemError } from '@doa-market/common/errors';
import { createLogger } from '@doa-market/common/logging';
import type { App } from '@doa-market/common/server';
import { type Authority, endSession, startAuthority } from '@doa-market/common/testing';
import { redisUrl, type TemporaryDatabase, temporaryDatabase } from '@doa-market/scripts/testing';
import type { Static } from 'typebox';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildApp } from '../src/app.ts';
import { ConfigSchema } from '../src/config.ts';
import { createDatabase, type Database } from '../src/database.ts';
import { createDeliveries } from '../src/delivery/deliveries.ts';
import type { Prisma } from '../src/generated/prisma/client.ts';
import type { OrderStatus } from '../src/generated/prisma/enums.ts';
import { dayOf } from '../src/order/cancellation.ts';
import { createOrderRepository } from '../src/order/repository.ts';
import { createOrderService } from '../src/order/service.ts';
import { expireOrders } from '../src/order/sweeper.ts';

type OrderList = Static<typeof OrderListSchema>;

let store: TemporaryDatabase;
let database: Database;
let authority: Authority;
let app: App;
const buyer = randomUUID();

beforeAll(async () => {
  store = await temporaryDatabase(fileURLToPath(new URL('../prisma/migrations', import.meta.url)));
  database = createDatabase(store.url);
  authority = await startAuthority();
  app = await buildApp(
    loadConfig(ConfigSchema, {
      LOG_LEVEL: 'silent',
      DATABASE_URL: store.url,
      REDIS_URL: redisUrl(),
      AUTH_SERVICE_URL: authority.url,
    }),
  );
  const statuses: OrderStatus[] = ['HELD', 'PAYING', 'CONFIRMED'];
  for (const [day, status] of statuses.entries()) {
    const createdAt = new Date(Date.UTC(2026, 0, 1 + day));
    await database.order.create({
      data: { memberId: buyer, status, title: status, amount: 1_000, createdAt },
    });
  }
  await database.order.create({
    data: { memberId: randomUUID(), status: 'CONFIRMED', title: "somebody else's", amount: 1_000 },
  });
});
afterAll(async () => {
  await app.close();
  await database.$disconnect();
  await authority.close();
  await store.drop();
});

const orders = async (role: string, subject: string, query = '') => {
  const authorization = `Bearer ${await authority.token(role, subject)}`;
  return app.inject({ url: `/api/orders${query}`, headers: { authorization } });
};

const HOUR = 3_600_000;
const later = (seconds: number) => new Date(Date.now() + seconds * 1_000);
/** An hour of the day in Seoul that is so many days from today. */
const koreanDay = (days: number, hour = 0) =>
  new Date(dayOf(new Date()).getTime() + (24 * days + hour) * HOUR);
const SEAT = { position: 0, section: 'A', row: '1', number: 1, grade: 'VIP', unitPrice: 8_000 };
const paid = (amount: number) => ({
  payments: {
    create: { provider: 'sandbox', status: 'PAID' as const, amount, captured: amount, expiresAt: later(600) },
  },
});

/** An order as it may be in the database. */
const place = (status: OrderStatus, changes: Partial<Prisma.OrderUncheckedCreateInput> = {}) =>
  database.order.create({
    data: { memberId: randomUUID(), status, title: '머그', amount: 8_000, ...changes },
  });
const row = (id: string) => database.order.findUniqueOrThrow({ where: { id } });

async function ask(method: 'GET' | 'POST', path: string, memberId: string, role = 'MEMBER') {
  const authorization = `Bearer ${await authority.token(role, memberId)}`;
  return app.inject({ method, url: `/api/orders/${path}`, headers: { authorization } });
}

const eventsOf = async (id: string) =>
  (await database.outboxEvent.findMany({ where: { aggregateId: id } })).map(({ eventType }) => eventType);

describe("a member's orders", () => {
  it('are their own alone, newest first, and being paid shows as pending', async () => {
    const response = await orders('MEMBER', buyer);
    expect(response.json()).toMatchObject({
      data: [
        { title: 'CONFIRMED', status: 'CONFIRMED' },
        { title: 'PAYING', status: 'PENDING' },
        { title: 'HELD', status: 'PENDING' },
      ],
      meta: { page: 1, limit: 20, total: 3, totalPages: 1 },
    });
    expect(response.headers['cache-control']).toBe('private, no-store');
  });

  it('come in pages', async () => {
    const response = await orders('MEMBER', buyer, '?limit=1&page=3');
    expect(response.json()).toMatchObject({ data: [{ title: 'HELD' }], meta: { totalPages: 3 } });
  });

  it('are none for a new member', async () => {
    expect((await orders('MEMBER', randomUUID())).json()).toMatchObject({ data: [], meta: { total: 0 } });
  });

  it('are not for guests, nor for nobody', async () => {
    expect((await orders('GUEST', buyer)).statusCode).toBe(403);
    expect((await app.inject('/api/orders')).statusCode).toBe(401);
  });
});

describe('an order', () => {
  it('is seen by its buyer and by administrators; to everybody else it does not exist', async () => {
    const { id, memberId } = await place('HELD');
    expect((await ask('GET', id, memberId)).json()).toMatchObject({ id, status: 'PENDING' });
    expect((await ask('GET', id, randomUUID(), 'ADMIN')).json()).toMatchObject({ id });
    for (const [method, path] of [
      ['GET', id],
      ['POST', `${id}/cancel`],
    ] as const) {
      const answer = await ask(method, path, randomUUID());
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({ code: 'REQ_4040' });
    }
    expect((await row(id)).status).toBe('HELD');
    expect((await ask('GET', randomUUID(), memberId)).statusCode).toBe(404);
  });

  it('of another member is not asked for unseen', async () => {
    const { id } = await place('HELD');
    const lines: Record<string, unknown>[] = [];
    const destination = { write: (line: string) => lines.push(JSON.parse(line)) };
    const service = createOrderService({
      ...{ database, orders: createOrderRepository(database) },
      deliveries: createDeliveries(loadConfig(ConfigSchema, {})),
      logger: createLogger({ name: 'orders', level: 'warn' }, destination),
    });
    const memberId = randomUUID();
    await expect(service.find(id, { memberId, seesAll: false })).rejects.toMatchObject({ status: 404 });
    await expect(service.cancel(id, memberId)).rejects.toMatchObject({ status: 404 });
    expect(lines).toMatchObject(Array(2).fill({ level: 'warn', orderId: id, memberId }));
  });

  it('is found among those of its status', async () => {
    const memberId = randomUUID();
    const statuses = ['HELD', 'PAYING', 'CONFIRMED', 'CANCELLED', 'EXPIRED', 'REFUNDED'] as const;
    for (const status of statuses) await place(status, { memberId, title: status });
    const titlesOf = async (status: string) => {
      const { data } = (await orders('MEMBER', memberId, `?status=${status}`)).json<OrderList>();
      return data.map(({ title }) => title).sort();
    };
    expect(await titlesOf('PENDING')).toEqual(['HELD', 'PAYING']);
    for (const status of statuses.slice(2)) expect(await titlesOf(status)).toEqual([status]);
    expect((await orders('MEMBER', memberId, '?status=HELD')).statusCode).toBe(422);
  });
});

describe('cancelling', () => {
  it.each(['HELD', 'PAYING'] as const)('ends an order that is %s, and may be repeated', async (status) => {
    const { id, memberId } = await place(status);
    const first = await ask('POST', `${id}/cancel`, memberId);
    expect(first.json()).toMatchObject({
      ...{ status: 'CANCELLED', version: 2, endReason: 'BUYER', expiresAt: null },
      cancellation: { allowed: false, until: null },
    });
    expect((await ask('POST', `${id}/cancel`, memberId)).json()).toEqual(first.json());
    expect(await eventsOf(id)).toEqual(['order.cancelled']);
  });

  it('gives back the money that came a moment before', async () => {
    const { id, memberId } = await place('PAYING', paid(8_000));
    const { status, payment } = (await ask('POST', `${id}/cancel`, memberId)).json<Order>();
    expect([status, payment?.status]).toEqual(['CANCELLED', 'REFUNDING']);
    expect(await eventsOf(id)).toEqual(['order.refund-requested']);
    const refund = await database.refund.findFirstOrThrow({ where: { payment: { orderId: id } } });
    expect(refund).toMatchObject({ amount: 8_000, reason: 'BUYER', doneAt: null });
  });

  it('gives back what was paid for: once, however often it is asked for at once', async () => {
    const seat = { ...SEAT, seatId: randomUUID(), ticketCode: 'K7QM-2XW9-4TRB' };
    const { id, memberId } = await place('CONFIRMED', {
      ...{ kind: 'SEATS', eventId: randomUUID(), eventStartsAt: koreanDay(2), seats: { create: seat } },
      ...paid(8_000),
    });
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask('POST', `${id}/cancel`, memberId)));
    for (const answer of answers) {
      expect(answer.json<Order>()).toMatchObject({
        ...{ status: 'CONFIRMED', version: 2, payment: { status: 'REFUNDING' }, endReason: 'BUYER' },
        ...{ seats: [{ ticketCode: null }], cancellation: { allowed: false } },
      });
    }
    expect(await database.refund.count({ where: { payment: { orderId: id } } })).toBe(1);
    expect(await eventsOf(id)).toEqual(['order.refund-requested']);
  });

  it('is possible for seats until the day of the event begins in Seoul, by the clock of the database', async () => {
    const seats = (day: number, hour: number) =>
      place('CONFIRMED', {
        ...{ kind: 'SEATS', eventId: randomUUID(), eventStartsAt: koreanDay(day, hour), ...paid(8_000) },
      });
    const tomorrow = await seats(1, 0);
    const { cancellation } = (await ask('GET', tomorrow.id, tomorrow.memberId)).json<Order>();
    expect(cancellation).toEqual({ allowed: true, until: koreanDay(1).toISOString() });
    for (const [day, hour] of [
      [0, 23.99],
      [0, 0],
      [-1, 12],
    ] as const) {
      const { id, memberId } = await seats(day, hour);
      const answer = await ask('POST', `${id}/cancel`, memberId);
      expect(answer.statusCode, `${day} ${hour}`).toBe(409);
      expect(answer.json()).toMatchObject({ code: 'ORD_4092' });
    }
    expect((await ask('POST', `${tomorrow.id}/cancel`, tomorrow.memberId)).statusCode).toBe(200);
  });

  it('is possible for goods until they are shipped', async () => {
    const { id, memberId } = await place('CONFIRMED', paid(8_000));
    expect((await ask('POST', `${id}/ship`, memberId)).statusCode).toBe(403);
    const shipped = await ask('POST', `${id}/ship`, randomUUID(), 'ADMIN');
    expect(shipped.json<Order>()).toMatchObject({ shippedAt: expect.any(String) });
    expect((await ask('POST', `${id}/ship`, randomUUID(), 'ADMIN')).json()).toEqual(shipped.json());
    const answer = await ask('POST', `${id}/cancel`, memberId);
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'ORD_4092']);
    expect((await row(id)).status).toBe('CONFIRMED');
  });

  it.each(['CANCELLED', 'EXPIRED', 'REFUNDED'] as const)(
    'is not possible for what has ended without its buyer: %s',
    async (status) => {
      const { id, memberId } = await place(status);
      const answer = await ask('POST', `${id}/cancel`, memberId);
      expect([answer.statusCode, answer.json().code]).toEqual([409, 'ORD_4092']);
      expect(await eventsOf(id)).toEqual([]);
    },
  );
});

describe('shipping', () => {
  it('is for goods that are paid for, and are not on their way back', async () => {
    const returned = await place('CONFIRMED', paid(8_000));
    await ask('POST', `${returned.id}/cancel`, returned.memberId);
    const seats = await place('CONFIRMED', { kind: 'SEATS', ...paid(8_000) });
    for (const { id } of [returned, seats, await place('HELD'), await place('PAYING', paid(8_000))]) {
      const answer = await ask('POST', `${id}/ship`, randomUUID(), 'ADMIN');
      expect([answer.statusCode, answer.json().code]).toEqual([409, 'ORD_4090']);
      expect((await row(id)).shippedAt).toBeNull();
    }
  });
});

describe('an order that nobody pays for', () => {
  it('expires with its hold, by the clock of the database; one that is being paid is left alone', async () => {
    const over = new Date(Date.now() - 60_000);
    const held = await place('HELD', { holdId: randomUUID(), holdExpiresAt: over });
    const paying = await place('PAYING', { holdId: randomUUID(), holdExpiresAt: over });
    const lasting = await place('HELD', { holdId: randomUUID(), holdExpiresAt: later(60) });
    await Promise.all(Array.from({ length: 4 }, () => expireOrders(database)));
    await vi.waitFor(async () => expect((await row(held.id)).status).toBe('EXPIRED'));
    expect(await row(held.id)).toMatchObject({ version: 2, endReason: 'NOT_PAID_IN_TIME' });
    expect(await eventsOf(held.id)).toEqual(['order.expired']);
    expect((await row(paying.id)).status).toBe('PAYING');
    expect((await row(lasting.id)).status).toBe('HELD');
  });
});

describe('the states of an order', () => {
  const STATUSES = ['HELD', 'PAYING', 'CONFIRMED', 'CANCELLED', 'EXPIRED', 'REFUNDED'] as const;
  const ALLOWED = [
    'HELD PAYING, HELD CANCELLED, HELD EXPIRED',
    'PAYING HELD, PAYING CONFIRMED, PAYING CANCELLED, PAYING EXPIRED, PAYING REFUNDED',
    'CONFIRMED REFUNDED, CANCELLED REFUNDED, EXPIRED CONFIRMED, EXPIRED REFUNDED',
  ].flatMap((line) => line.split(', '));

  it('follow on each other as they may, raise the version, and in no other way', async () => {
    const repository = createOrderRepository(database);
    for (const from of STATUSES) {
      for (const to of STATUSES) {
        const { id } = await place(from);
        const change = database.$transaction(async (tx) => {
          const order = await repository.lock(tx, id);
          return order && repository.transition(tx, order, to);
        });
        const outcome = await change.then(
          (order) => [order?.status, order?.version],
          ({ code }: ProblemError) => code,
        );
        expect(outcome, `${from} ${to}`).toEqual(ALLOWED.includes(`${from} ${to}`) ? [to, 2] : 'ORD_4090');
      }
    }
  });

  it('are not changed by who has read an earlier one', async () => {
    const repository = createOrderRepository(database);
    const stale = await place('HELD');
    await repository.transition(database, stale, 'PAYING');
    await expect(repository.transition(database, stale, 'CANCELLED')).rejects.toMatchObject({
      code: 'ORD_4090',
    });
    expect(await row(stale.id)).toMatchObject({ status: 'PAYING', version: 2 });
  });
});

describe('the day of an event', () => {
  it.each([
    ['2026-11-21T10:00:00.000Z', '2026-11-20T15:00:00.000Z'],
    ['2026-11-21T14:59:59.999Z', '2026-11-20T15:00:00.000Z'],
    ['2026-11-21T15:00:00.000Z', '2026-11-21T15:00:00.000Z'],
    ['2027-01-01T00:00:00.000Z', '2026-12-31T15:00:00.000Z'],
  ])('of one at %s begins at %s', (startsAt, begins) => {
    expect(dayOf(new Date(startsAt)).toISOString()).toBe(begins);
  });
});

describe('a session that was ended', () => {
  it('opens nothing any more, although its access token has not expired', async () => {
    const sid = randomUUID();
    await endSession(redisUrl(), sid);
    const token = await authority.token('MEMBER', randomUUID(), { claims: { sid } });
    const headers = { authorization: `Bearer ${token}` };
    await vi.waitFor(async () => {
      const response = await app.inject({ url: '/api/orders', headers });
      expect(response.statusCode).toBe(401);
      expect(response.json()).toMatchObject({ code: 'AUTH_1005' });
    });
  });

  it('is looked up without making Redis a condition of serving', async () => {
    const { checks } = (await app.inject('/ready')).json<Readiness>();
    expect(checks['redis']).toEqual({ status: 'up', required: false });
  });
});
