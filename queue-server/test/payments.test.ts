import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { check, holds } from '../src/ledger/check.ts';
import { type PaymentWorld, startPayments } from './support/payments.ts';

let world: PaymentWorld;
beforeAll(async () => {
  world = await startPayments();
});
afterAll(() => world.close());

describe('a payment', () => {
  it('leads to a confirmed order with its ticket', async () => {
    const order = await world.order();
    const { payment, checkout } = await world.session(order);
    expect(payment).toMatchObject({ status: 'READY', orderStatus: 'PENDING', amount: 30_000 });
    expect(checkout).toMatchObject({ kind: 'page' });
    await world.pay(payment.id, 'approve');
    expect(await world.complete(order, payment.id)).toMatchObject({
      status: 'PAID',
      orderStatus: 'CONFIRMED',
      method: 'CARD',
    });
    const { events, seats } = await world.state(order.id);
    expect(events).toEqual(['order.paying', 'order.captured', 'order.confirmed']);
    expect(seats[0]?.ticketCode).toBeTruthy();
  });
});

it('keeps its books', async () => {
  const ledger = await check(world.database);
  expect(ledger).toMatchObject({ broken: [], brokenOrders: [], soldTwice: [] });
  expect(holds(ledger)).toBe(true);
});
