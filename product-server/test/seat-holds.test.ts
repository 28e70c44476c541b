import { randomUUID } from 'node:crypto';
import { type Hold, HoldSchema, ProblemSchema } from '@doa-market/common/contracts';
import type { Redis } from '@doa-market/common/redis';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDatabase } from '../src/database.ts';
import { createInventory } from '../src/inventory/inventory.ts';
import type { BoxOffice } from './support/box-office.ts';
import { startCountingProbe } from './support/counting-probe.ts';
import { openShop, redisFor, type Shop } from './support/shop.ts';

let shop: Shop;
let boxOffice: BoxOffice;
let redis: Redis;

beforeAll(async () => {
  shop = await openShop();
  ({ boxOffice } = shop);
  redis = await redisFor();
});
afterAll(async () => {
  redis.disconnect();
  await shop.close();
});

interface Wanted {
  owner?: string;
  key?: string;
  ttl?: number;
}

const ask = (
  eventId: string,
  seatIds: string[],
  { owner = `order:${randomUUID()}`, key = 'seats', ttl = 300 }: Wanted = {},
) => shop.call('POST', `/events/${eventId}/holds`, { owner, key, ttl, seatIds });

async function hold(eventId: string, seatIds: string[], wanted?: Wanted): Promise<Hold> {
  const { status, body } = await ask(eventId, seatIds, wanted);
  expect([status, body]).toMatchObject([201, {}]);
  return Value.Parse(HoldSchema, body);
}
const act = (verb: string, { id }: Hold, payload?: object) =>
  shop.call('POST', `/holds/${id}/${verb}`, payload);
const unavailableIn = (body: unknown) => Value.Parse(ProblemSchema, body).unavailable;
const keyOf = (eventId: string, seatId = '') => `seat:hold:{${eventId}}:${seatId}`;

describe('seats', () => {
  it('are held together, with their places and prices', async () => {
    const { id, seatIds } = await boxOffice.open(22);
    const made = await hold(id, [seatIds[21] ?? '', seatIds[0] ?? '']);
    expect(made).toMatchObject({ eventId: id, items: [], state: 'HELD' });
    expect(made.seats).toEqual([
      { seatId: seatIds[0], section: '1층', row: '1', number: 1, grade: 'VIP', price: 150_000 },
      { seatId: seatIds[21], section: '1층', row: '2', number: 2, grade: 'R', price: 110_000 },
    ]);
    expect(await boxOffice.statuses(id)).toBe(`H${'A'.repeat(20)}H`);
  });

  it('are held all or not at all, and the refusal names those that are gone', async () => {
    const { id, seatIds } = await boxOffice.open(4);
    const [a = '', b = '', c = ''] = seatIds;
    await hold(id, [b]);
    const refused = await ask(id, [a, b, c]);
    expect(refused).toMatchObject({ status: 409, body: { code: 'INV_4090' } });
    expect(unavailableIn(refused.body)).toEqual([{ id: b, available: 0 }]);
    expect(await boxOffice.statuses(id)).toBe('AHAA');
    await hold(id, [a, c]);
  });

  it('are the same hold when they are asked for again', async () => {
    const { id, seatIds } = await boxOffice.open(4);
    const wanted = { owner: 'order:a', key: randomUUID() };
    const [a = '', b = ''] = seatIds;
    const answers = await Promise.all([a, a, a, a].map(() => hold(id, [a, b], wanted)));
    expect(new Set(answers.map((it) => it.id)).size).toBe(1);
    expect(await ask(id, [a], wanted)).toMatchObject({ status: 422, body: { code: 'IDEM_4220' } });
    expect(await ask(id, [b], { owner: 'order:b' })).toMatchObject({ status: 409 });
  });

  it('are sold, and stay so', async () => {
    const { id, seatIds } = await boxOffice.open(2);
    const [a = ''] = seatIds;
    const made = await hold(id, [a]);
    expect(await act('confirm', made)).toMatchObject({ status: 200, body: { state: 'CONFIRMED' } });
    expect(await act('release', made)).toMatchObject({ status: 409, body: { code: 'INV_4092' } });
    expect(await ask(id, [a])).toMatchObject({ status: 409 });
    await redis.del(keyOf(id, a));
    expect(await ask(id, [a])).toMatchObject({ status: 409 });
    expect(await boxOffice.statuses(id)).toBe('SA');
  });

  it('can be had again at once when they are given back', async () => {
    const { id, seatIds } = await boxOffice.open(2);
    await act('release', await hold(id, seatIds));
    expect(await boxOffice.statuses(id)).toBe('AA');
    await hold(id, seatIds);
  });

  it('can be sold again at once when they come back, and to others', async () => {
    const { id, seatIds } = await boxOffice.open(2);
    const made = await hold(id, seatIds);
    await act('confirm', made);
    const answers = await Promise.all([1, 2, 3].map(() => act('return', made)));
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 200, body: { ...made, state: 'RETURNED' } });
    expect(await boxOffice.statuses(id)).toBe('AA');
    const next = await hold(id, seatIds);
    await act('confirm', next);
    expect(await act('return', made)).toMatchObject({ status: 200, body: { state: 'RETURNED' } });
    expect(await boxOffice.statuses(id)).toBe('SS');
  });

  it('can be had again when their time is over, and then not by a late payment', async () => {
    const { id, seatIds } = await boxOffice.open(2);
    const [a = '', b = ''] = seatIds;
    const late = await hold(id, [a, b]);
    await shop.stock.pass(301);
    await redis.del(keyOf(id, a), keyOf(id, b));
    const second = await hold(id, [b]);
    const refused = await act('confirm', late);
    expect(refused).toMatchObject({ status: 409, body: { code: 'INV_4090' } });
    expect(unavailableIn(refused.body)).toEqual([{ id: b, available: 0 }]);
    await act('release', second);
    expect(await act('confirm', late)).toMatchObject({ status: 200, body: { state: 'CONFIRMED' } });
    expect(await boxOffice.statuses(id)).toBe('SS');
  });

  it('of another event are not held by this one', async () => {
    const [here, there] = await Promise.all([boxOffice.open(2), boxOffice.open(2)]);
    const stranger = there.seatIds[0] ?? '';
    const refused = await ask(here.id, [here.seatIds[0] ?? '', stranger]);
    expect(unavailableIn(refused.body)).toEqual([{ id: stranger, available: 0 }]);
    expect(await boxOffice.statuses(there.id)).toBe('AA');
  });
});

describe('what can be had', () => {
  const ofEvent = async (id: string) => (await shop.call('GET', `/events/${id}/availability`)).body;

  it('is counted seat by seat, with what has expired although nobody has taken it back', async () => {
    const { id, seatIds } = await boxOffice.open(6);
    const [a = '', b = '', c = '', d = ''] = seatIds;
    expect(await ofEvent(id)).toEqual({ eventId: id, onSale: true, available: 6, held: 0, sold: 0 });
    await act('confirm', await hold(id, [a]));
    await hold(id, [b, c]);
    const expired = await hold(id, [d]);
    expect(await ofEvent(id)).toEqual({ eventId: id, onSale: true, available: 2, held: 3, sold: 1 });
    await shop.database.$executeRaw`UPDATE holds SET expires_at = now() WHERE id = ${expired.id}::uuid`;
    expect(await ofEvent(id)).toEqual({ eventId: id, onSale: true, available: 3, held: 2, sold: 1 });
  });

  it.each([
    ['before its sale', { saleOpensAt: new Date(Date.now() + 3_600_000) }],
    ['once it is cancelled', { status: 'CANCELLED' as const }],
  ])('of an event is not on sale %s', async (_name, facts) => {
    const { id } = await boxOffice.open(2, facts);
    expect(await ofEvent(id)).toMatchObject({ onSale: false, available: 2 });
  });

  it('of no event is not known', async () => {
    expect((await shop.call('GET', `/events/${randomUUID()}/availability`)).status).toBe(404);
  });
});

describe('an order', () => {
  it('has as many seats as the event allows', async () => {
    const { id, seatIds } = await boxOffice.open(6);
    expect(await ask(id, seatIds.slice(0, 5))).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'seatIds' }] },
    });
    await hold(id, seatIds.slice(0, 4));
  });

  it.each([
    ['none', []],
    ['one twice', ['0199f3a0-6f2e-7c31-9b4d-2f1a8c5e7d90', '0199f3a0-6f2e-7c31-9b4d-2f1a8c5e7d90']],
    ['something else', ['A-1']],
  ])('has seats, and not %s', async (_name, seatIds) => {
    const { id } = await boxOffice.open(2);
    expect((await ask(id, seatIds)).status).toBe(422);
  });

  const hour = 3_600_000;
  it.each([
    ['before its sale opens', { saleOpensAt: new Date(Date.now() + hour) }],
    ['after its sale has closed', { saleClosesAt: new Date(Date.now() - hour / 2) }],
    ['that was cancelled', { status: 'CANCELLED' as const }],
    ['that is a draft', { status: 'DRAFT' as const }],
  ])('has no seats of an event %s', async (_name, facts) => {
    const { id, seatIds } = await boxOffice.open(2, facts);
    expect(await ask(id, seatIds)).toMatchObject({ status: 409, body: { code: 'INV_4093' } });
  });

  it('has no seats of an event that does not exist', async () => {
    expect((await ask(randomUUID(), [randomUUID()])).status).toBe(404);
  });
});

describe('the gate', () => {
  it('opens within seconds for what came back, whoever is killed meanwhile', async () => {
    const { id, seatIds } = await boxOffice.open(2);
    const made = await hold(id, seatIds.slice(0, 1));
    await act('confirm', made);
    expect(await redis.pttl(keyOf(id, seatIds[0]))).toBeGreaterThan(10_000);
    const { holds } = createInventory(shop.database, redis);
    const transaction = vi.spyOn(shop.database, '$transaction');
    transaction.mockReturnValueOnce(new Promise(() => undefined));
    void holds.giveBack(made.id);
    await vi.waitFor(() => expect(transaction).toHaveBeenCalled());
    vi.restoreAllMocks();
    expect(await redis.pttl(keyOf(id, seatIds[0]))).toBeLessThanOrEqual(10_000);
    await act('return', made);
    expect(await redis.exists(keyOf(id, seatIds[0]))).toBe(0);
  });

  it('turns away who comes second, for as long as the first one holds', async () => {
    const { id, seatIds } = await boxOffice.open(2);
    const made = await hold(id, seatIds, { ttl: 300 });
    const left = await redis.pttl(keyOf(id, seatIds[0]));
    expect(left).toBeGreaterThan(290_000);
    expect(left).toBeLessThanOrEqual(300_000);
    await act('extend', made, { ttl: 900 });
    expect(await redis.pttl(keyOf(id, seatIds[0]))).toBeGreaterThan(890_000);
  });

  it('forgets at once who was refused, and learns who has the seat', async () => {
    const { id, seatIds } = await boxOffice.open(2);
    const [a = '', b = ''] = seatIds;
    const made = await hold(id, [a]);
    const token = await redis.get(keyOf(id, a));
    await redis.del(keyOf(id, a));
    expect(await ask(id, [a, b])).toMatchObject({ status: 409 });
    expect(await redis.get(keyOf(id, a))).toBe(token);
    expect(await redis.exists(keyOf(id, b))).toBe(0);
    await act('release', made);
    expect(await redis.exists(keyOf(id, a))).toBe(0);
  });

  it.each([
    ['with Redis', undefined],
    ['without Redis', 'redis://127.0.0.1:1'],
  ])('lets one of five hundred through who want the same seat at once, %s', async (_name, url) => {
    const { id, seatIds } = await boxOffice.open(2);
    const probe = await startCountingProbe(shop.env.DATABASE_URL);
    const connection = await redisFor(url);
    const databases = [1, 2, 3].map(() => createDatabase(probe.url));
    const processes = databases.map((database) => createInventory(database, connection));
    await Promise.all(databases.map((database) => database.$queryRaw`SELECT 1`));
    probe.statements.length = 0;
    const results = await Promise.allSettled(
      Array.from({ length: 500 }, async (_, buyer) => {
        const order = { owner: `${id}:${buyer}`, key: 'seats', ttl: 300, seatIds: seatIds.slice(0, 1) };
        return processes[buyer % 3]?.holds.holdSeats(id, order);
      }),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'INV_4090' });
    }
    expect(probe.statements.length).toBeGreaterThan(0);
    // One gets through to the database, or one of each process.
    expect(probe.statements.length).toBeLessThan(url ? 60 : 20);
    await Promise.all(databases.map((database) => database.$disconnect()));
    connection.disconnect();
    await probe.close();
  });

  it('that somebody who was killed has left shut opens again within seconds', async () => {
    const { id, seatIds } = await boxOffice.open(2);
    const [a = ''] = seatIds;
    const { holds } = createInventory(shop.database, redis);
    const transaction = vi.spyOn(shop.database, '$transaction');
    transaction.mockReturnValueOnce(new Promise(() => undefined));
    void holds.holdSeats(id, { owner: 'order:killed', key: 'seats', ttl: 300, seatIds: [a] });
    await vi.waitFor(() => expect(transaction).toHaveBeenCalled());
    const left = await redis.pttl(keyOf(id, a));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(10_000);
    expect(await ask(id, [a])).toMatchObject({ status: 409 });
    await redis.pexpire(keyOf(id, a), 1);
    await vi.waitFor(async () => expect(await redis.exists(keyOf(id, a))).toBe(0));
    vi.restoreAllMocks();
    await hold(id, [a]);
  });

  it('is in one slot for all seats of an event, so that a cluster can answer for all of them', async () => {
    const { id, seatIds } = await boxOffice.open(2);
    await hold(id, seatIds);
    const found = await redis.exists(keyOf(id, seatIds[0]), keyOf(id, seatIds[1]));
    expect(found).toBe(2);
  });

  it('is not needed: without Redis every seat is sold once all the same', async () => {
    const nowhere = await redisFor('redis://127.0.0.1:1');
    const { holds } = createInventory(shop.database, nowhere);
    const { id, seatIds } = await boxOffice.open(10);
    const orders = Array.from({ length: 60 }, (_, buyer) => ({
      owner: `order:${buyer}`,
      key: 'seats',
      ttl: 300,
      seatIds: [0, 1, 2].map((step) => seatIds[(buyer * 7 + step * 3) % 10] ?? ''),
    }));
    const results = await Promise.allSettled(orders.map((order) => holds.holdSeats(id, order)));
    const made = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(made.length).toBeGreaterThan(0);
    const held = made.flatMap(({ seats }) => seats.map(({ seatId }) => seatId));
    expect(new Set(held).size).toBe(held.length);
    expect((await boxOffice.statuses(id)).replaceAll('A', '')).toHaveLength(held.length);
    nowhere.disconnect();
  });
});
