import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { check, holds } from '../src/ledger/check.ts';
import { codeOf, hashOf, type PaymentWorld, startPayments } from './support/payments.ts';

let world: PaymentWorld;
beforeAll(async () => {
  world = await startPayments();
});
afterAll(() => world.close());
afterEach(async () => {
  world.shelf.setAway(false);
  await world.control('PUT', '/faults', {});
});

/** A held order whose buyer is on the gateway's page. */
async function begun() {
  const order = await world.order();
  const { payment } = await world.session(order);
  return { order, id: payment.id };
}

describe('a payment', () => {
  it('leads to a confirmed order with its ticket', async () => {
    const order = await world.order();
    const { payment, checkout } = await world.session(order);
    expect(payment).toMatchObject({ status: 'READY', orderStatus: 'PENDING', amount: 30_000, failure: null });
    expect(checkout).toMatchObject({ kind: 'page', url: expect.stringContaining(payment.id) });
    await world.pay(payment.id, 'approve');
    const { events, seats } = await world.ended(order.id, 'CONFIRMED');
    expect(events).toEqual(['order.paying', 'order.captured', 'order.confirmed']);
    expect(seats[0]?.ticketCode).toBeTruthy();
    expect(await world.complete(order, payment.id)).toMatchObject({
      ...{ status: 'PAID', orderStatus: 'CONFIRMED', method: 'CARD' },
      paidAt: expect.any(String),
    });
  });

  it('may take a second page of the bank', async () => {
    const { order, id } = await begun();
    await world.pay(id, 'three-d-secure');
    await world.ended(order.id, 'CONFIRMED');
  });

  it('that is declined leaves the order to be paid with another card', async () => {
    const { order, id } = await begun();
    await world.pay(id, 'decline');
    expect(await world.complete(order, id)).toMatchObject({
      ...{ status: 'FAILED', orderStatus: 'PENDING' },
      failure: { code: 'DECLINED', message: '카드사에서 거절했습니다.' },
    });
    const { payment } = await world.session(order);
    expect(payment.id).not.toBe(id);
    await world.pay(payment.id, 'approve');
    const { events } = await world.ended(order.id, 'CONFIRMED');
    expect(events.slice(0, 2)).toEqual(['order.paying', 'order.held']);
  });

  it.each([
    ['insufficient-funds', 'INSUFFICIENT_FUNDS'],
    ['timeout-before-capture', 'TIMEOUT'],
  ] as const)('says what %s was', async (card, code) => {
    const { order, id } = await begun();
    await world.pay(id, card);
    await world.control('POST', '/clock', { advance: 61 });
    expect(await world.complete(order, id)).toMatchObject({ status: 'FAILED', failure: { code } });
    expect((await world.state(order.id)).status).toBe('HELD');
  });

  it('that the buyer walked away from has failed', async () => {
    const { order, id } = await begun();
    await world.control('POST', `/payments/${id}/close`);
    expect(await world.complete(order, id)).toMatchObject({ status: 'FAILED', orderStatus: 'PENDING' });
  });

  it('of a slow bank is confirmed when the bank has made up its mind', async () => {
    const { order, id } = await begun();
    const paid = world.pay(id, 'slow');
    expect(await world.complete(order, id)).toMatchObject({ status: 'READY', orderStatus: 'PENDING' });
    await world.control('POST', '/clock', { advance: 9 });
    await paid;
    await world.ended(order.id, 'CONFIRMED');
  });

  it('is UNKNOWN while the gateway does not say, and found by asking', async () => {
    const { order, id } = await begun();
    await world.control('PUT', `/payments/${id}/faults`, { webhooks: { drop: true } });
    await world.pay(id, 'timeout-after-capture');
    expect(await world.complete(order, id)).toMatchObject({ status: 'UNKNOWN', orderStatus: 'PENDING' });
    expect(await world.find(order, id)).toMatchObject({ status: 'UNKNOWN' });
    await world.control('POST', '/clock', { advance: 61 });
    await world.age(id, 60);
    await world.payments.reconcile();
    await world.ended(order.id, 'CONFIRMED');
  });

  it.each(['wrong-amount', 'wrong-currency'] as const)('of a %s goes back, with an alarm', async (card) => {
    const { order, id } = await begun();
    const before = world.alarms().length;
    await world.pay(id, card);
    const { payments, endReason } = await world.ended(order.id, 'REFUNDED');
    expect(payments).toMatchObject([{ status: 'REFUNDED', refund: { reason: 'AMOUNT_MISMATCH' } }]);
    expect(endReason).toBe('AMOUNT_MISMATCH');
    const money = await world.moneyAtGateway(id);
    expect(money).toHaveLength(2);
    expect(money.reduce((sum, it) => sum + it, 0)).toBe(0);
    expect(world.alarms().slice(before)).toEqual(['AMOUNT_MISMATCH']);
    expect(world.shelf.stateOf(order.holdId)).toBe('RELEASED');
  });
});

describe('beginning to pay', () => {
  it('needs an idempotency key', async () => {
    const { id: orderId, memberId, amount } = await world.order();
    const response = await world.request('POST', '/api/payments', memberId, { body: { orderId, amount } });
    expect(codeOf(response)).toBe('400 IDEM_4000');
  });

  it('under the same key gives the same session, and under another one none beside it', async () => {
    const order = await world.order();
    const key = randomUUID();
    const [one, two] = await Promise.all([world.begin(order, { key }), world.begin(order, { key })]);
    expect([one.statusCode, two.statusCode]).toEqual([201, 201]);
    expect(two.json()).toEqual(one.json());
    expect(codeOf(await world.begin(order))).toBe('409 PAY_4091');
    expect(codeOf(await world.begin(order, { key, amount: 1 }))).toBe('422 IDEM_4220');
    expect((await world.state(order.id)).payments).toHaveLength(1);
  });

  it('is refused for any other amount than the order costs', async () => {
    const order = await world.order();
    for (const amount of [0, 1, order.amount - 1, order.amount + 1]) {
      expect(codeOf(await world.begin(order, { amount }))).toBe('409 ORD_4091');
    }
    expect((await world.state(order.id)).payments).toEqual([]);
  });

  it("knows nothing of somebody else's order, and notes who asked", async () => {
    const order = await world.order();
    const memberId = randomUUID();
    const foreign = await world.begin(order, { memberId });
    const unknown = await world.begin({ ...order, id: randomUUID() }, { memberId });
    expect(codeOf(foreign)).toBe('404 REQ_4040');
    expect(foreign.json().detail).toBe(unknown.json().detail);
    expect(world.lines).toContainEqual(expect.objectContaining({ orderId: order.id, memberId }));
  });

  it('is for orders alone whose goods are still held', async () => {
    for (const status of ['CONFIRMED', 'CANCELLED', 'EXPIRED', 'REFUNDED'] as const) {
      expect(codeOf(await world.begin(await world.order({ status, holdId: null })))).toBe('409 PAY_4090');
    }
    const late = await world.order({ holdExpiresAt: new Date(Date.now() - 1_000) });
    expect(codeOf(await world.begin(late))).toBe('409 PAY_4090');
  });

  it('ends an order whose hold turns out to be gone', async () => {
    const order = await world.order();
    world.shelf.expire(order.holdId);
    expect(codeOf(await world.begin(order))).toBe('409 PAY_4090');
    expect(await world.state(order.id)).toMatchObject({
      ...{ status: 'EXPIRED', endReason: 'HOLD_LOST' },
      payments: [{ status: 'CANCELLED', failureCode: 'HOLD_LOST' }],
    });
  });

  it('keeps what is held for longer than the payment may take', async () => {
    const { order, id } = await begun();
    const { holdExpiresAt, payments } = await world.state(order.id);
    expect(payments[0]?.id).toBe(id);
    expect(Number(holdExpiresAt)).toBeGreaterThan(Number(payments[0]?.expiresAt) + 4 * 60_000);
  });

  it.each([
    ['away', { mode: 'unavailable', when: 'before' }],
    ['gone in the middle', { mode: 'drop', when: 'after' }],
    ['hanging', { mode: 'hang', when: 'after' }],
  ])('goes on under the same key after the gateway was %s', async (_how, fault) => {
    const order = await world.order();
    const key = randomUUID();
    await world.control('PUT', '/faults', { api: { ...fault, operations: ['pre-register'], times: 1 } });
    const failed = await world.begin(order, { key });
    expect([502, 504]).toContain(failed.statusCode);
    const { payments } = await world.state(order.id);
    expect(await world.find(order, payments[0]?.id ?? '')).toMatchObject({ status: 'UNKNOWN' });
    expect((await world.begin(order, { key })).json()).toMatchObject({ payment: { status: 'READY' } });
  });

  it('sends nobody to pay while nobody knows what is held', async () => {
    const order = await world.order();
    const key = randomUUID();
    world.shelf.setAway(true);
    expect((await world.begin(order, { key })).statusCode).toBe(502);
    world.shelf.setAway(false);
    expect((await world.begin(order, { key })).statusCode).toBe(201);
  });
});

describe('the permit of seats that a waiting room led to', () => {
  const permit = `qp_${'p'.repeat(43)}`;
  const permitted = (milliseconds: number) =>
    world.order({ permitHash: hashOf(permit), permitExpiresAt: new Date(Date.now() + milliseconds) });

  it('is asked for, and no other will do', async () => {
    const order = await permitted(60_000);
    for (const wrong of [undefined, `qp_${'x'.repeat(43)}`, `qr_${'p'.repeat(43)}`, '']) {
      const response = await world.begin(order, wrong === undefined ? {} : { permit: wrong });
      expect(codeOf(response)).toBe('403 QUE_4030');
    }
    expect((await world.begin(order, { permit })).statusCode).toBe(201);
  });

  it('pays again with another card as long as it lasts', async () => {
    const order = await permitted(60_000);
    const { payment } = (await world.begin(order, { permit })).json();
    await world.pay(payment.id, 'decline');
    await world.complete(order, payment.id);
    expect((await world.begin(order, { permit })).statusCode).toBe(201);
  });

  it('has its time, by the clock of the database', async () => {
    expect(codeOf(await world.begin(await permitted(-1_000), { permit }))).toBe('403 QUE_4030');
  });

  it('is of no use for another order', async () => {
    const order = await world.order({
      permitHash: hashOf('another'),
      permitExpiresAt: new Date(Date.now() + 60_000),
    });
    expect(codeOf(await world.begin(order, { permit }))).toBe('403 QUE_4030');
  });
});

describe("somebody else's payment", () => {
  it('looks like one that does not exist', async () => {
    const { id } = await begun();
    const stranger = randomUUID();
    const details = [];
    for (const payment of [id, randomUUID()]) {
      for (const [method, path] of [
        ['GET', ''],
        ['POST', '/complete'],
      ] as const) {
        const response = await world.request(method, `/api/payments/${payment}${path}`, stranger);
        expect(codeOf(response)).toBe('404 REQ_4040');
        details.push(response.json().detail);
      }
    }
    expect(new Set(details).size).toBe(1);
    expect(world.lines).toContainEqual(expect.objectContaining({ paymentId: id, memberId: stranger }));
  });
});

describe('before it captures, the gateway', () => {
  it('is told no where the hold is gone, and the order can be begun anew', async () => {
    const { order, id } = await begun();
    world.shelf.expire(order.holdId);
    expect(await world.pay(id, 'approve')).toMatchObject({ result: 'FAILED' });
    expect(await world.moneyAtGateway(id)).toEqual([]);
    expect(await world.complete(order, id)).toMatchObject({
      status: 'FAILED',
      failure: { message: '선점 시간이 지나 결제하지 않았어요. 다시 주문해 주세요.' },
    });
  });

  it('is told no where nobody knows what is held', async () => {
    const { id } = await begun();
    world.shelf.setAway(true);
    expect(await world.pay(id, 'approve')).toMatchObject({ result: 'FAILED' });
    expect(await world.moneyAtGateway(id)).toEqual([]);
  });

  it('is told no for a payment that was given up', async () => {
    const { order, id } = await begun();
    await world.age(id, 11 * 60 + 1);
    await world.payments.reconcile();
    expect((await world.state(order.id)).payments).toMatchObject([{ status: 'CANCELLED' }]);
    expect(await world.pay(id, 'approve')).toMatchObject({ result: 'FAILED' });
    expect(await world.moneyAtGateway(id)).toEqual([]);
  });

  it('is told no for another amount, and yes as often as it asks for the right one', async () => {
    const { id: paymentId } = await begun();
    const ask = (totalAmount: number) =>
      world.webhook({ type: 'Transaction.Confirm', data: { paymentId, transactionId: 't', totalAmount } });
    const refused = await ask(29_999);
    expect(refused.statusCode).toBe(409);
    expect(refused.json()).toEqual({ errorMessage: expect.any(String) });
    expect([(await ask(30_000)).statusCode, (await ask(30_000)).statusCode]).toEqual([200, 200]);
  });

  it('is given the time that a capture takes, though the payment was about to be given up', async () => {
    const { order, id: paymentId } = await begun();
    await world.age(paymentId, 10 * 60 - 5);
    await world.webhook({
      type: 'Transaction.Confirm',
      data: { paymentId, transactionId: 't', totalAmount: 30_000 },
    });
    const { payments, holdExpiresAt } = await world.state(order.id);
    expect(Number(payments[0]?.expiresAt)).toBeGreaterThan(Date.now() + 100_000);
    expect(Number(holdExpiresAt)).toBeGreaterThan(Number(payments[0]?.expiresAt));
  });
});

it('keeps its books through all of it', async () => {
  const ledger = await check(world.database);
  expect(ledger).toMatchObject({ broken: [], brokenOrders: [], soldTwice: [] });
  expect(holds(ledger)).toBe(true);
  expect(ledger.confirmed).toBeGreaterThan(0);
  expect(ledger.refunded).toBeGreaterThan(0);
});
