import { randomBytes, randomUUID } from 'node:crypto';
import { until } from '@doa-market/common/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { check, holds } from '../src/ledger/check.ts';
import { print } from '../src/ledger/print.ts';
import { codeOf, type PaymentWorld, startPayments } from './support/payments.ts';

let world: PaymentWorld;
beforeAll(async () => {
  world = await startPayments();
});
afterAll(() => world.close());
afterEach(async () => {
  world.shelf.setAway(false);
  await world.control('PUT', '/faults', {});
});

async function begun() {
  const order = await world.order();
  const { payment } = await world.session(order);
  return { order, id: payment.id };
}

/** Paid at the gateway, of which nobody has told us. */
async function captured() {
  const { order, id } = await begun();
  await world.control('PUT', `/payments/${id}/faults`, { webhooks: { drop: true } });
  expect(await world.pay(id, 'approve')).toMatchObject({ result: 'PAID' });
  return { order, id };
}

/** What a process that was killed has left: everything up to a step, and nothing after it. */
const leave = {
  payment: (id: string, data: Parameters<typeof world.database.payment.update>[0]['data']) =>
    world.database.payment.update({ where: { id }, data: { askAgainAt: new Date(0), ...data } }),
  order: (id: string, data: Parameters<typeof world.database.order.update>[0]['data']) =>
    world.database.order.update({ where: { id }, data }),
};

const effectsOf = (paymentId: string) => world.database.paymentEffect.findMany({ where: { paymentId } });
const count = (values: readonly string[], value: string) => values.filter((it) => it === value).length;
const paid = (paymentId: string) => ({
  type: 'Transaction.Paid',
  data: { paymentId, transactionId: 'claimed' },
});

describe('money that has come', () => {
  it('takes effect once, however many hear of it at the same moment', async () => {
    const { order, id } = await captured();
    await leave.payment(id, {});
    // Some may be told to come again where the machine is slow to connect to the database.
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, (_, turn) => {
        if (turn % 3 === 0) return world.complete(order, id);
        return turn % 3 === 1 ? world.webhook(paid(id)) : world.payments.reconcile();
      }),
    );
    expect(answers.map(({ status }) => status)).toContain('fulfilled');
    const { events, payments } = await world.ended(order.id, 'CONFIRMED');
    expect(count(events, 'order.captured')).toBe(1);
    expect(payments).toMatchObject([{ status: 'PAID', captured: 30_000 }]);
    expect(await effectsOf(id)).toHaveLength(1);
  });

  it('takes effect once though it is told of ten times and in another order', async () => {
    const { order, id } = await begun();
    await world.control('PUT', '/faults', { webhooks: { duplicates: 9 } });
    await world.pay(id, 'approve');
    const { events } = await world.ended(order.id, 'CONFIRMED');
    const { webhooks } = await world.control('GET', `/webhooks?paymentId=${id}`);
    expect(webhooks).toHaveLength(2);
    expect(count(events, 'order.captured')).toBe(1);
    expect(await effectsOf(id)).toHaveLength(1);
  });

  it('counts though an older word comes after it', async () => {
    const { order, id } = await begun();
    await world.control('PUT', '/faults', { webhooks: { reorder: 2 } });
    await world.pay(id, 'approve');
    await world.ended(order.id, 'CONFIRMED');
    const old = { type: 'Transaction.Failed', data: { paymentId: id, transactionId: 'older' } };
    expect((await world.webhook(old)).statusCode).toBe(200);
    expect(await world.state(order.id)).toMatchObject({
      status: 'CONFIRMED',
      payments: [{ status: 'PAID' }],
    });
  });

  it('is found by asking where every webhook is lost and the buyer never comes back', async () => {
    const { order, id } = await captured();
    await world.age(id, 31);
    expect(await world.payments.reconcile()).toBeGreaterThan(0);
    await world.ended(order.id, 'CONFIRMED');
  });

  it('late, for an order that has expired, buys the same seats where they are still there', async () => {
    const { order, id } = await captured();
    await leave.order(order.id, { status: 'EXPIRED', endReason: 'NOT_PAID_IN_TIME' });
    await leave.payment(id, { status: 'CANCELLED' });
    world.shelf.expire(order.holdId);
    await world.payments.reconcile();
    const { endReason } = await world.ended(order.id, 'CONFIRMED');
    expect(endReason).toBeNull();
    expect(world.shelf.stateOf(order.holdId)).toBe('CONFIRMED');
  });

  it('late, for seats that somebody else has, goes back', async () => {
    const { order, id } = await captured();
    await leave.order(order.id, { status: 'EXPIRED', endReason: 'NOT_PAID_IN_TIME' });
    await leave.payment(id, { status: 'CANCELLED' });
    world.shelf.expire(order.holdId, { taken: true });
    await world.payments.reconcile();
    await world.ended(order.id, 'REFUNDED');
    expect(await world.moneyAtGateway(id)).toEqual([30_000, -30_000]);
  });

  it('after its buyer has cancelled goes back', async () => {
    const { order, id } = await captured();
    await leave.order(order.id, { status: 'CANCELLED', endReason: 'BUYER' });
    await leave.payment(id, { status: 'CANCELLED' });
    await world.payments.reconcile();
    const { payments, endReason } = await world.ended(order.id, 'REFUNDED');
    expect(payments).toMatchObject([{ status: 'REFUNDED', refund: { reason: 'PAID_AFTER_END' } }]);
    expect(endReason).toBe('BUYER');
    expect(await world.moneyAtGateway(id)).toEqual([30_000, -30_000]);
  });

  it('late, for an order that waits to be paid again, is what it is paid with', async () => {
    const { order, id } = await captured();
    await leave.order(order.id, { status: 'HELD' });
    await leave.payment(id, { status: 'FAILED' });
    await world.payments.reconcile();
    await world.ended(order.id, 'CONFIRMED');
  });

  it('twice for one order goes back the second time, and the order goes on', async () => {
    const { order, id } = await captured();
    await leave.order(order.id, { status: 'HELD' });
    await leave.payment(id, { status: 'FAILED' });
    await world.database.order.update({ where: { id: order.id }, data: { version: { increment: 1 } } });
    const { payment: second } = await world.session(order);
    await world.payments.reconcile();
    await until(
      async () => (await world.find(order, id)).status === 'REFUNDED',
      'the first being given back',
    );
    await world.pay(second.id, 'approve');
    const { payments } = await world.ended(order.id, 'CONFIRMED');
    expect(payments.map(({ status }) => status)).toEqual(['REFUNDED', 'PAID']);
    expect(await world.moneyAtGateway(id)).toEqual([30_000, -30_000]);
  });
});

describe('a payment that nobody pays', () => {
  it('is given up when its time is over, and its order has ended with its hold', async () => {
    const { order, id } = await begun();
    await world.age(id, 11 * 60 + 1);
    await leave.order(order.id, { holdExpiresAt: new Date(Date.now() - 1_000) });
    await world.payments.reconcile();
    expect(await world.state(order.id)).toMatchObject({
      ...{ status: 'EXPIRED', endReason: 'NOT_PAID_IN_TIME' },
      payments: [{ status: 'CANCELLED', failureCode: 'TIMEOUT' }],
      events: ['order.paying', 'order.expired'],
    });
  });

  it('leaves its order to be paid again as long as that is held', async () => {
    const { order, id } = await begun();
    await world.age(id, 11 * 60 + 1);
    await world.payments.reconcile();
    expect((await world.state(order.id)).status).toBe('HELD');
    expect((await world.begin(order)).statusCode).toBe(201);
  });

  it('is not given up while the gateway does not say what has become of it', async () => {
    const { order, id } = await begun();
    await world.age(id, 11 * 60 + 1);
    await world.control('PUT', '/faults', { api: { mode: 'unavailable', when: 'before' } });
    await world.payments.reconcile();
    expect(await world.state(order.id)).toMatchObject({ status: 'PAYING', payments: [{ status: 'READY' }] });
  });

  it('is asked about less and less often, for a day', async () => {
    const { id } = await begun();
    const pauses = [];
    for (const age of [0, 300, 400, 86_400]) {
      await world.age(id, age);
      await leave.payment(id, {});
      await world.payments.reconcile();
      const { askAgainAt } = await world.database.payment.findUniqueOrThrow({ where: { id } });
      pauses.push(askAgainAt && Math.round((Number(askAgainAt) - Date.now()) / 30_000));
    }
    expect(pauses).toEqual([1, 5, 12, null]);
  });
});

describe('a process that is killed', () => {
  it('before the gateway was told leaves a payment that ends by itself', async () => {
    const order = await world.order();
    await world.control('PUT', '/faults', { api: { mode: 'drop', when: 'before', times: 1 } });
    expect((await world.begin(order)).statusCode).toBe(502);
    const [payment] = (await world.state(order.id)).payments;
    await world.age(payment?.id ?? '', 11 * 60 + 1);
    await world.payments.reconcile();
    expect(await world.state(order.id)).toMatchObject({
      status: 'HELD',
      payments: [{ status: 'CANCELLED' }],
    });
  });

  it('after the gateway was told, and before it was noted, loses nothing', async () => {
    const { order, id } = await captured();
    await leave.payment(id, { status: 'REQUESTED' });
    await world.payments.reconcile();
    await world.ended(order.id, 'CONFIRMED');
  });

  it('between the capture and the sale leaves it to whoever comes next', async () => {
    const { order, id } = await begun();
    world.shelf.setAway(true);
    await world.control('PUT', `/payments/${id}/faults`, { webhooks: { drop: true } });
    world.shelf.setAway(false);
    await world.pay(id, 'approve');
    world.shelf.setAway(true);
    expect(await world.complete(order, id)).toMatchObject({ status: 'PAID', orderStatus: 'PENDING' });
    world.shelf.setAway(false);
    await world.ended(order.id, 'CONFIRMED');
  });

  it('does not lose a payment to another process that asks at the same time', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => captured()));
    for (const { id } of made) await leave.payment(id, {});
    await Promise.all([world.payments.reconcile(), world.payments.reconcile(), world.payments.reconcile()]);
    for (const { order, id } of made) {
      const { events } = await world.ended(order.id, 'CONFIRMED');
      expect(count(events, 'order.captured')).toBe(1);
      expect(await effectsOf(id)).toHaveLength(1);
    }
  });
});

describe('money that goes back', () => {
  /** Wrong money, which is to go back, and does not yet. */
  async function refunding(fault: object) {
    const { order, id } = await begun();
    await world.control('PUT', `/payments/${id}/faults`, { api: { ...fault, operations: ['cancel'] } });
    await world.pay(id, 'wrong-amount');
    await until(
      async () => (await world.find(order, id)).status === 'REFUNDING',
      'the refund being asked for',
    );
    return { order, id };
  }

  it('does so once, though the answer to the first try was lost', async () => {
    const { order, id } = await refunding({ mode: 'drop', when: 'after', times: 1 });
    await leave.payment(id, {});
    await world.ended(order.id, 'REFUNDED');
    expect(await world.moneyAtGateway(id)).toEqual([29_000, -29_000]);
    expect(await effectsOf(id)).toMatchObject([{ effect: 'captured' }, { effect: 'refunded' }]);
  });

  it('is tried for as long as it takes, with an alarm when that is long', async () => {
    const { order, id } = await refunding({ mode: 'unavailable', when: 'before' });
    expect(await world.payments.refunds.carryOut(id)).toBe('pending');
    await world.database.refund.update({
      where: { paymentId: id },
      data: { requestedAt: new Date(Date.now() - 11 * 60_000) },
    });
    await leave.payment(id, {});
    await until(() => world.alarms().includes('REFUND_LATE'), 'the alarm');
    expect((await check(world.database)).broken).toContainEqual(
      expect.objectContaining({ paymentId: id, why: 'LATE' }),
    );
    await world.control('PUT', `/payments/${id}/faults`, {});
    await leave.payment(id, {});
    await world.ended(order.id, 'REFUNDED');
  });

  it('by the hand of an operator at the gateway takes the tickets with it', async () => {
    const { order, id } = await begun();
    await world.pay(id, 'approve');
    await world.ended(order.id, 'CONFIRMED');
    expect((await world.sandbox.cancel(id)).status).toBe(200);
    const { seats, payments } = await world.ended(order.id, 'REFUNDED');
    expect(seats[0]?.ticketCode).toBeNull();
    expect(payments).toMatchObject([{ status: 'REFUNDED', refund: { reason: 'AT_GATEWAY' } }]);
    expect(world.shelf.stateOf(order.holdId)).toBe('RETURNED');
    expect(await world.moneyAtGateway(id)).toEqual([30_000, -30_000]);
  });
});

describe('a webhook', () => {
  const another = `whsec_${randomBytes(24).toString('base64')}`;

  let untold: Awaited<ReturnType<typeof captured>>;
  beforeAll(async () => {
    untold = await captured();
  });

  it.each([
    ['forged', (id: string) => world.webhook(paid(id), { secret: another })],
    ['stale', (id: string) => world.webhook(paid(id), { age: 301 })],
    ['from the future', (id: string) => world.webhook(paid(id), { age: -302 })],
    ['no JSON', () => world.webhook('Transaction.Paid')],
    ['of no known form', () => world.webhook({ type: 7 })],
    ['empty', () => world.webhook('')],
  ])('that is %s is refused, logged, and changes nothing', async (_what, send) => {
    const { order, id } = untold;
    const lines = world.lines.length;
    expect(codeOf(await send(id))).toBe('400 PAY_4000');
    expect(world.lines.slice(lines)).toContainEqual(
      expect.objectContaining({ msg: 'a webhook was not believed' }),
    );
    expect(await world.state(order.id)).toMatchObject({ status: 'PAYING', payments: [{ captured: 0 }] });
  });

  it('without a signature is refused, however large', async () => {
    const post = (payload: string) =>
      world.app.inject({
        method: 'POST',
        url: '/api/payments/webhook',
        headers: { 'content-type': 'application/json' },
        payload,
      });
    expect(codeOf(await post('{}'))).toBe('400 PAY_4000');
    expect(codeOf(await post(`"${'x'.repeat(70_000)}"`))).toBe('413 REQ_4130');
  });

  it('says what it likes: the gateway is asked', async () => {
    const { order, id } = await begun();
    expect((await world.webhook(paid(id))).statusCode).toBe(200);
    expect(await world.state(order.id)).toMatchObject({ status: 'PAYING', payments: [{ captured: 0 }] });
  });

  it('comes again where it could not be dealt with, and is taken then', async () => {
    const { order, id } = await captured();
    const webhookId = randomUUID();
    await world.control('PUT', '/faults', {
      api: { mode: 'unavailable', when: 'before', operations: ['get'] },
    });
    expect((await world.webhook(paid(id), { id: webhookId })).statusCode).toBe(502);
    await world.control('PUT', '/faults', {});
    expect((await world.webhook(paid(id), { id: webhookId })).statusCode).toBe(200);
    // Nobody is asked about what was taken.
    await world.control('PUT', '/faults', { api: { mode: 'unavailable', when: 'before' } });
    expect((await world.webhook(paid(id), { id: webhookId })).statusCode).toBe(200);
    await world.control('PUT', '/faults', {});
    await world.ended(order.id, 'CONFIRMED');
  });

  it('of nothing that we know is taken, and forgotten', async () => {
    const deliveries = await world.database.webhookDelivery.count();
    for (const data of [{ billingKey: 'k' }, { paymentId: 'not-ours' }]) {
      expect((await world.webhook({ type: 'BillingKey.Issued', data })).statusCode).toBe(200);
    }
    expect(await world.database.webhookDelivery.count()).toBe(deliveries);
    const unknown = await world.webhook(paid(randomUUID()));
    expect(unknown.statusCode).toBe(200);
  });

  it('is remembered for six hours', async () => {
    const deliveries = await world.database.webhookDelivery.findMany();
    const [old] = deliveries;
    const receivedAt = new Date(Date.now() - 6 * 3_600_000 - 1_000);
    await world.database.webhookDelivery.updateMany({
      where: { webhookId: old?.webhookId ?? '' },
      data: { receivedAt },
    });
    expect(await world.payments.webhooks.sweep()).toBe(1);
    expect(await world.database.webhookDelivery.count()).toBe(deliveries.length - 1);
  });

  it('is believed while the gateway changes its key', async () => {
    await world.control('POST', '/webhook-secrets');
    const { order, id } = await begun();
    await world.pay(id, 'approve');
    await world.ended(order.id, 'CONFIRMED');
  });
});

it('keeps secrets out of the log', () => {
  const log = JSON.stringify(world.lines);
  expect(world.lines.length).toBeGreaterThan(10);
  expect(log).not.toContain(world.config.PAYMENT_API_SECRET);
  expect(log).not.toContain(world.config.PAYMENT_WEBHOOK_SECRETS.slice('whsec_'.length));
});

describe('the books', () => {
  it('are in order after all of this', async () => {
    const ledger = await check(world.database);
    expect(ledger).toMatchObject({ broken: [], brokenOrders: [], soldTwice: [] });
    expect(holds(ledger)).toBe(true);
  });

  it('are there for an operator to read', async () => {
    const text = print(await check(world.database));
    expect(text).toMatch(/^captured +[\d,]+ KRW\n/);
    expect(text).toContain('The books add up.');
  });

  it('name what is wrong with them', async () => {
    const { order, id } = await begun();
    await world.database.payment.update({ where: { id }, data: { captured: 30_000 } });
    const unaccounted = await check(world.database);
    expect(unaccounted.broken).toMatchObject([{ paymentId: id, orderId: order.id, why: 'UNACCOUNTED' }]);
    expect(unaccounted.captured - unaccounted.confirmed - unaccounted.refunded - unaccounted.inFlight).toBe(
      30_000,
    );

    await world.database.payment.update({ where: { id }, data: { status: 'PAID' } });
    expect((await check(world.database)).broken).toMatchObject([{ paymentId: id, why: 'NO_EFFECT' }]);

    const since = new Date(Date.now() - 11 * 60_000);
    await world.database.paymentEffect.create({
      data: { provider: 'sandbox', paymentId: id, transactionId: 't', effect: 'captured', createdAt: since },
    });
    expect((await check(world.database)).broken).toMatchObject([{ paymentId: id, why: 'LATE' }]);

    await world.database.payment.update({ where: { id }, data: { status: 'CANCELLED', captured: 0 } });
    expect((await check(world.database)).brokenOrders).toEqual([
      { orderId: order.id, why: 'WAITS_FOR_NOTHING' },
    ]);
    await world.database.order.update({ where: { id: order.id }, data: { status: 'CONFIRMED' } });
    expect((await check(world.database)).brokenOrders).toEqual([{ orderId: order.id, why: 'NOT_PAID' }]);
  });
});
