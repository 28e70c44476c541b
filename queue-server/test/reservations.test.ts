import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Market, openMarket, problemIn, reservationIn } from './support/market.ts';

let market: Market;
beforeAll(async () => {
  market = await openMarket();
});
afterAll(() => market.close());
afterEach(() => market.toProducts.isOpen());

const HOUR = 3_600_000;

/** Asks again under the same name while a crowd is more than a busy machine can serve in time. */
async function patiently<T extends { status: number }>(ask: () => Promise<T>): Promise<T> {
  let answer = await ask();
  while (answer.status >= 502) answer = await ask();
  return answer;
}

describe('a reservation', () => {
  it('is an order of seats that nobody else can have, at the prices of product-server', async () => {
    const show = await market.boxOffice.open(25);
    const [vip = '', r = ''] = [show.seatIds[0], show.seatIds[20]];
    const memberId = randomUUID();
    const answer = await market.reserve(memberId, show.id, [vip, r]);
    expect(answer.status).toBe(201);
    const { order, permit } = reservationIn(answer);
    expect(answer.headers['location']).toBe(`/api/orders/${order.id}`);
    expect(permit).toBeNull();
    expect(order).toMatchObject({
      ...{ kind: 'SEATS', status: 'PENDING', amount: 260_000, version: 1, payment: null, endReason: null },
      title: `${show.slug} · 2석`,
      event: { id: show.id },
      seats: [
        { seatId: vip, grade: 'VIP', unitPrice: 150_000, ticketCode: null },
        { seatId: r, grade: 'R', unitPrice: 110_000, ticketCode: null },
      ],
      cancellation: { allowed: true, until: null },
    });
    const lasts = Date.parse(order.expiresAt ?? '') - Date.now();
    expect(lasts).toBeGreaterThan(280_000);
    expect(lasts).toBeLessThanOrEqual(300_000);
    expect(await market.eventsOf(order.id)).toEqual(['order.held']);

    const late = await market.reserve(randomUUID(), show.id, [vip]);
    expect(late.status).toBe(409);
    expect(problemIn(late)).toMatchObject({ code: 'INV_4090', unavailable: [{ id: vip, available: 0 }] });
  });

  it('needs a name, and one that is well formed', async () => {
    for (const key of [null, 'a key', 'k'.repeat(129)]) {
      const answer = await market.reserve(randomUUID(), randomUUID(), [randomUUID()], { key });
      expect([400, 422]).toContain(answer.status);
    }
    const nameless = await market.reserve(randomUUID(), randomUUID(), [randomUUID()], { key: null });
    expect(nameless.status).toBe(400);
    expect(problemIn(nameless).code).toBe('IDEM_4000');
  });

  it('is one, however often it is asked for under its name at once, and of whichever process', async () => {
    const show = await market.boxOffice.open(4);
    const [memberId, key] = [randomUUID(), randomUUID()];
    const seats = show.seatIds.slice(0, 2);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        patiently(() => market.reserve(memberId, show.id, seats, { key, at: index % 2 === 0 ? 0 : 1 })),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map((it) => reservationIn(it).order.id)).size).toBe(1);
    expect(await market.database.order.count({ where: { memberId } })).toBe(1);
    expect(await market.boxOffice.statuses(show.id)).toBe('HHAA');
  });

  it('is refused under a name that was given to something else', async () => {
    const { memberId, show } = await market.reserved();
    const { idempotencyKey: key } = await market.database.order.findFirstOrThrow({ where: { memberId } });
    const other = await market.reserve(memberId, show.id, show.seatIds.slice(1), { key });
    expect(other.status).toBe(422);
    expect(problemIn(other).code).toBe('IDEM_4220');
    expect(await market.boxOffice.statuses(show.id)).toBe('HA');
  });

  it('may have the name that somebody else gave to theirs', async () => {
    const show = await market.boxOffice.open(2);
    const [first = '', second = ''] = show.seatIds;
    const key = randomUUID();
    for (const seatId of [first, second]) {
      expect((await market.reserve(randomUUID(), show.id, [seatId], { key })).status).toBe(201);
    }
  });

  it('is refused before and after the sale, for too many seats, for strange ones and for no event', async () => {
    const at = (hours: number) => new Date(Date.now() + hours * HOUR);
    const early = await market.boxOffice.open(1, { saleOpensAt: at(1) });
    const over = await market.boxOffice.open(1, { saleClosesAt: at(-0.5) });
    const show = await market.boxOffice.open(6);
    const member = randomUUID();
    for (const { id, seatIds } of [early, over]) {
      expect(problemIn(await market.reserve(member, id, seatIds))).toMatchObject({
        ...{ status: 409, code: 'INV_4093' },
      });
    }
    const many = problemIn(await market.reserve(member, show.id, show.seatIds.slice(0, 5)));
    expect(many).toMatchObject({ status: 422, code: 'REQ_4220', errors: [{ field: 'seatIds' }] });
    expect(problemIn(await market.reserve(member, show.id, early.seatIds))).toMatchObject({
      ...{ status: 409, code: 'INV_4090', unavailable: [{ id: early.seatIds[0], available: 0 }] },
    });
    expect((await market.reserve(member, randomUUID(), [randomUUID()])).status).toBe(404);
    expect(await market.database.order.count({ where: { memberId: member } })).toBe(0);
    expect(await market.boxOffice.statuses(show.id)).toBe('AAAAAA');
  });

  it('of seats that cost nothing is refused, and keeps none of them', async () => {
    const show = await market.boxOffice.open(1, {
      grades: [{ code: 'VIP', name: 'VIP석', price: 0 }],
    });
    const answer = problemIn(await market.reserve(randomUUID(), show.id, show.seatIds));
    expect(answer).toMatchObject({ status: 422, errors: [{ field: 'seatIds' }] });
    expect(await market.boxOffice.statuses(show.id)).toBe('A');
  });

  it('finds its hold again when this server ended between the hold and the order', async () => {
    const show = await market.boxOffice.open(2);
    const [memberId, key] = [randomUUID(), randomUUID()];
    const seatIds = show.seatIds.slice(0, 1);
    const claim = { owner: `member:${memberId}`, key, ttl: 300 };
    const hold = await market.inventory.holdSeats({ ...claim, eventId: show.id, seatIds });
    const answer = await market.reserve(memberId, show.id, seatIds, { key });
    expect(answer.status).toBe(201);
    expect((await market.row(reservationIn(answer).order.id)).holdId).toBe(hold.id);
  });

  it('finds its hold again when the answer to it was lost', async () => {
    const show = await market.boxOffice.open(1);
    const [memberId, key] = [randomUUID(), randomUUID()];
    market.toProducts.faultOf = ({ method }) => (method === 'POST' ? 'lost' : undefined);
    const lost = await market.reserve(memberId, show.id, show.seatIds, { key });
    expect(lost.status).toBe(502);
    expect(problemIn(lost).code).toBe('SYS_5002');
    expect(await market.boxOffice.statuses(show.id)).toBe('H');
    market.toProducts.isOpen();
    expect((await market.reserve(memberId, show.id, show.seatIds, { key })).status).toBe(201);
  });

  it('says so when what was held for its name is not held any more', async () => {
    const show = await market.boxOffice.open(1);
    const [memberId, key] = [randomUUID(), randomUUID()];
    const claim = { owner: `member:${memberId}`, key, ttl: 300 };
    const hold = await market.inventory.holdSeats({ ...claim, eventId: show.id, seatIds: show.seatIds });
    await market.pass(301);
    const expired = problemIn(await market.reserve(memberId, show.id, show.seatIds, { key }));
    expect(expired).toMatchObject({ status: 409, code: 'INV_4091' });
    await market.inventory.release(hold.id);
    const answer = problemIn(await market.reserve(memberId, show.id, show.seatIds, { key }));
    expect(answer).toMatchObject({ status: 409, code: 'INV_4091' });
    expect((await market.reserve(memberId, show.id, show.seatIds)).status).toBe(201);
  });

  it('of one seat goes to one of fifty who want it at once', async () => {
    const show = await market.boxOffice.open(1);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => {
        const [memberId, key] = [randomUUID(), randomUUID()];
        const at = index % 2 === 0 ? 0 : 1;
        return patiently(() => market.reserve(memberId, show.id, show.seatIds, { key, at }));
      }),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(49);
  });
});

describe('a reservation of an event with a waiting room', () => {
  it('needs the token of an admission, and gives a permit to pay that is the same when it is asked for again', async () => {
    const show = await market.boxOffice.open(2);
    const seatIds = show.seatIds.slice(0, 1);
    const [memberId, stranger, key] = [randomUUID(), randomUUID(), randomUUID()];
    const queueToken = await market.letIn(show.id, memberId);
    for (const refused of [
      await market.reserve(memberId, show.id, seatIds),
      await market.reserve(memberId, show.id, seatIds, { queueToken: queueToken.replace('qr_', 'qp_') }),
      await market.reserve(stranger, show.id, seatIds, { queueToken }),
    ]) {
      expect(problemIn(refused)).toMatchObject({ status: 403, code: 'QUE_4030' });
    }
    const first = reservationIn(await market.reserve(memberId, show.id, seatIds, { queueToken, key }));
    expect(first.permit?.token).toMatch(/^qp_[A-Za-z0-9_-]{43}$/);
    const lasts = Date.parse(first.permit?.expiresAt ?? '') - Date.now();
    expect(Math.abs(lasts - 600_000)).toBeLessThan(20_000);
    expect((await market.row(first.order.id)).permitHash).not.toContain(first.permit?.token);
    const again = reservationIn(await market.reserve(memberId, show.id, seatIds, { queueToken, key }));
    expect(again).toEqual(first);
  });

  it('costs nothing when it fails: neither the token nor the place', async () => {
    const show = await market.boxOffice.open(2);
    const [taken = '', free = ''] = show.seatIds;
    await market.reserve(randomUUID(), show.id, [taken]);
    const memberId = randomUUID();
    const queueToken = await market.letIn(show.id, memberId);
    const refused = await market.reserve(memberId, show.id, [taken, free], { queueToken });
    expect(problemIn(refused)).toMatchObject({
      ...{ status: 409, code: 'INV_4090', unavailable: [{ id: taken, available: 0 }] },
    });
    market.toProducts.faultOf = () => 'refused';
    expect((await market.reserve(memberId, show.id, [free], { queueToken })).status).toBe(502);
    market.toProducts.isOpen();
    expect((await market.reserve(memberId, show.id, [free], { queueToken })).status).toBe(201);
  });

  it('is one at a time for each admission, and another one after it has ended unpaid', async () => {
    const show = await market.boxOffice.open(2);
    const [first = '', second = ''] = show.seatIds;
    const memberId = randomUUID();
    const queueToken = await market.letIn(show.id, memberId);
    const { order } = reservationIn(await market.reserve(memberId, show.id, [first], { queueToken }));
    const refused = await market.reserve(memberId, show.id, [second], { queueToken });
    expect(problemIn(refused)).toMatchObject({ status: 409, code: 'ORD_4093' });
    expect((await market.call('POST', `/orders/${order.id}/cancel`, memberId)).status).toBe(200);
    expect((await market.reserve(memberId, show.id, [second], { queueToken })).status).toBe(201);
  });

  it('is one of six that are asked for at once with one admission, and the others keep no seat', async () => {
    const show = await market.boxOffice.open(6);
    const memberId = randomUUID();
    const queueToken = await market.letIn(show.id, memberId);
    const answers = await Promise.all(
      show.seatIds.map((seatId, index) => {
        const options = { queueToken, key: randomUUID(), at: index % 2 === 0 ? 0 : 1 } as const;
        return patiently(() => market.reserve(memberId, show.id, [seatId], options));
      }),
    );
    const codes = answers.filter(({ status }) => status !== 201).map((it) => problemIn(it).code);
    expect(codes).toEqual(Array(5).fill('ORD_4093'));
    expect((await market.boxOffice.statuses(show.id)).replaceAll('A', '')).toBe('H');
  });
});
