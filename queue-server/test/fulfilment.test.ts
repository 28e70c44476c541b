import { randomUUID } from 'node:crypto';
import type { Order, Payment } from '@doa-market/common/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AlreadyHandled, markOf } from '../src/consumer/handled.ts';
import type { OrderStatus } from '../src/generated/prisma/enums.ts';
import { type Market, openMarket, orderIn } from './support/market.ts';

let market: Market;
beforeAll(async () => {
  market = await openMarket();
});
afterAll(() => market.close());
afterEach(() => {
  market.toProducts.isOpen();
  market.toMembers.isOpen();
});

/** Seats that were paid for, which this server knows, and of which nothing follows yet. */
async function captured() {
  const { order, memberId, seatId, show } = await market.reserved();
  const paymentId = await market.payFor(order, memberId);
  await market.settle(paymentId);
  expect((await market.row(order.id)).payments).toMatchObject([{ status: 'PAID', captured: order.amount }]);
  return { id: order.id, memberId, seatId, show, paymentId };
}

/** Goods that were paid for, out of the member's cart. */
async function capturedGoods() {
  const { id: memberId, token, addressId } = await market.buyer();
  const [skuId = ''] = await market.stock.skus(5);
  const cart = (method: string, path: string, body?: object) =>
    market.membership.call(method, `/api/cart${path}`, { token, ...(body && { body }) });
  await cart('POST', '/items', { skuId, quantity: 3 });
  const order = orderIn(
    await market.call('POST', '/orders', memberId, {
      body: { items: [{ skuId, quantity: 2 }], addressId, amount: 2_000 },
      key: randomUUID(),
    }),
  );
  const paymentId = await market.payFor(order, memberId);
  await market.settle(paymentId);
  const inCart = async () => {
    const { body } = await cart('GET', '');
    return (body as { lines: { quantity: number }[] }).lines.map(({ quantity }) => quantity);
  };
  return { id: order.id, memberId, skuId, inCart, paymentId };
}

const cancel = (id: string, memberId: string) => market.call('POST', `/orders/${id}/cancel`, memberId);
const statusesOf = async (id: string): Promise<[OrderStatus, string[]]> => {
  const { status, payments } = await market.row(id);
  return [status, payments.map((it) => it.status)];
};
const atTheGateway = async (paymentId: string) => (await market.sandbox.get(paymentId)).json['status'];
const nothingLeft = async (id: string) =>
  expect(await market.row(id)).toMatchObject({ advanceAt: null, advanceTries: 0 });

describe('an order whose money is here', () => {
  it('has tickets for its seats, which are sold', async () => {
    const { id, memberId, show } = await captured();
    await market.fulfilment.advance(id);
    const { body } = await market.call('GET', `/orders/${id}`, memberId);
    const order = body as Order;
    expect(order).toMatchObject({
      ...{ status: 'CONFIRMED', payment: { status: 'PAID' }, expiresAt: null },
      cancellation: { allowed: true, until: expect.any(String) },
    });
    expect(order.seats[0]?.ticketCode).toMatch(/^[A-HJKMNP-TV-Z2-9]{4}(-[A-HJKMNP-TV-Z2-9]{4}){2}$/);
    expect(await market.boxOffice.statuses(show.id)).toBe('SA');
    expect(await market.eventsOf(id)).toEqual([
      ...['order.held', 'order.paying', 'order.captured', 'order.confirmed'],
    ]);
    await nothingLeft(id);
  });

  it('is taken out of the cart, and nothing else is', async () => {
    const { id, skuId, inCart } = await capturedGoods();
    await market.fulfilment.advance(id);
    await market.fulfilment.advance(id);
    expect(await inCart()).toEqual([1]);
    expect(await market.stock.of([skuId])).toEqual([[3, 0]]);
    expect((await market.row(id)).followedUpAt).not.toBeNull();
    await nothingLeft(id);
  });

  it('gives up the place in the waiting room', async () => {
    const show = await market.boxOffice.open(2);
    const memberId = randomUUID();
    const queueToken = await market.letIn(show.id, memberId);
    const { body } = await market.reserve(memberId, show.id, show.seatIds.slice(0, 1), { queueToken });
    const { order, permit } = body as { order: Order; permit: { token: string } };
    const paymentId = await market.payFor(order, memberId, permit.token);
    await market.settle(paymentId);
    const admission = { eventId: show.id, memberId, token: queueToken };
    expect(await market.grants.verify(admission)).toMatchObject({ admissionId: expect.any(String) });
    await market.fulfilment.advance(order.id);
    await expect(market.grants.verify(admission)).rejects.toMatchObject({ code: 'QUE_4030' });
  });

  it('is confirmed once by ten who try at once', async () => {
    const { id } = await captured();
    await Promise.all(Array.from({ length: 10 }, () => market.fulfilment.advance(id)));
    expect(await market.row(id)).toMatchObject({ status: 'CONFIRMED', version: 4 });
    expect((await market.eventsOf(id)).filter((it) => it === 'order.confirmed')).toHaveLength(1);
  });

  it('is sold the same seats when its hold had expired and they are still there', async () => {
    const { id, show } = await captured();
    await market.pass(10_000);
    await market.fulfilment.advance(id);
    expect((await market.row(id)).status).toBe('CONFIRMED');
    expect(await market.boxOffice.statuses(show.id)).toBe('SA');
  });

  it('is sold them also when it had expired itself', async () => {
    const { id } = await captured();
    await market.database.order.update({
      where: { id },
      data: { status: 'EXPIRED', endReason: 'NOT_PAID_IN_TIME' },
    });
    await market.fulfilment.advance(id);
    expect(await market.row(id)).toMatchObject({ status: 'CONFIRMED', endReason: null });
  });

  it('gets its money back when somebody else has its seats by now', async () => {
    const { id, memberId, seatId, show, paymentId } = await captured();
    await market.pass(10_000);
    expect((await market.reserve(randomUUID(), show.id, [seatId])).status).toBe(201);
    await market.fulfilment.advance(id);
    expect(await statusesOf(id)).toEqual(['REFUNDED', ['REFUNDED']]);
    expect(await atTheGateway(paymentId)).toBe('CANCELLED');
    const { body } = await market.call('GET', `/orders/${id}`, memberId);
    const { endReason, payment } = body as Order;
    expect([endReason, payment?.failure?.code]).toEqual(['HOLD_LOST', 'HOLD_LOST']);
    expect((await market.eventsOf(id)).slice(-2)).toEqual(['order.refund-requested', 'order.refunded']);
    expect(await market.boxOffice.statuses(show.id)).toBe('HA');
    await nothingLeft(id);
  });
});

describe('an order that its buyer gives back', () => {
  it('has its money and its seats back, which somebody else may buy', async () => {
    const { id, memberId, seatId, show, paymentId } = await captured();
    await market.fulfilment.advance(id);
    expect((await cancel(id, memberId)).body).toMatchObject({ payment: { status: 'REFUNDING' } });
    await market.fulfilment.advance(id);
    const { body } = await market.call('GET', `/orders/${id}`, memberId);
    expect(body as Order).toMatchObject({
      ...{ status: 'REFUNDED', endReason: 'BUYER', seats: [{ ticketCode: null }] },
      payment: { status: 'REFUNDED', refundedAt: expect.any(String) },
    });
    expect(await atTheGateway(paymentId)).toBe('CANCELLED');
    expect((await cancel(id, memberId)).body).toEqual(body);
    expect((await market.reserve(randomUUID(), show.id, [seatId])).status).toBe(201);
    await nothingLeft(id);
  });

  it('before it has paid keeps nothing, and gets back what it pays all the same', async () => {
    const { order, memberId, show } = await market.reserved();
    const paymentId = await market.payFor(order, memberId);
    await cancel(order.id, memberId);
    await market.fulfilment.advance(order.id);
    expect(await market.boxOffice.statuses(show.id)).toBe('AA');
    const { body } = await market.call('POST', `/payments/${paymentId}/complete`, memberId);
    expect((body as Payment).status).toBe('REFUNDING');
    await market.fulfilment.advance(order.id);
    expect(await statusesOf(order.id)).toEqual(['REFUNDED', ['REFUNDED']]);
    expect(await atTheGateway(paymentId)).toBe('CANCELLED');
    await nothingLeft(order.id);
  });

  it('while it was being sold has its seats back as well', async () => {
    const { id, memberId, show } = await captured();
    const { holdId } = await market.row(id);
    await market.inventory.confirm(holdId ?? '');
    await cancel(id, memberId);
    await market.fulfilment.advance(id);
    expect(await statusesOf(id)).toEqual(['REFUNDED', ['REFUNDED']]);
    expect(await market.boxOffice.statuses(show.id)).toBe('AA');
  });
});

describe('what was left undone', () => {
  /** As far as an order can have come when this process ends, and what becomes of it all the same. */
  const HALF_DONE: [string, () => Promise<string>, OrderStatus][] = [
    ['captured', async () => (await captured()).id, 'CONFIRMED'],
    [
      'sold at product-server, and not confirmed here',
      async () => {
        const { id } = await captured();
        await market.inventory.confirm((await market.row(id)).holdId ?? '');
        return id;
      },
      'CONFIRMED',
    ],
    [
      'sold, and the answer was lost',
      async () => {
        const { id } = await captured();
        market.toProducts.faultOf = ({ path }) => (path.endsWith('/confirm') ? 'lost' : undefined);
        await expect(market.fulfilment.advance(id)).rejects.toThrow('product-server');
        market.toProducts.isOpen();
        expect((await market.row(id)).status).toBe('PAYING');
        return id;
      },
      'CONFIRMED',
    ],
    [
      'confirmed, and nobody was told',
      async () => {
        const { id } = await capturedGoods();
        market.toMembers.faultOf = () => 'refused';
        await expect(market.fulfilment.advance(id)).rejects.toThrow('member-server');
        market.toMembers.isOpen();
        expect(await market.row(id)).toMatchObject({ status: 'CONFIRMED', followedUpAt: null });
        return id;
      },
      'CONFIRMED',
    ],
    [
      'confirmed, told, and the answer was lost',
      async () => {
        const { id } = await capturedGoods();
        market.toMembers.faultOf = () => 'lost';
        await expect(market.fulfilment.advance(id)).rejects.toThrow('member-server');
        market.toMembers.isOpen();
        return id;
      },
      'CONFIRMED',
    ],
    [
      'cancelled, with its seats still held',
      async () => {
        const { order, memberId } = await market.reserved();
        await cancel(order.id, memberId);
        return order.id;
      },
      'CANCELLED',
    ],
    [
      'cancelled, its seats let go, and the answer was lost',
      async () => {
        const { order, memberId } = await market.reserved();
        await cancel(order.id, memberId);
        market.toProducts.faultOf = ({ path }) => (path.endsWith('/release') ? 'lost' : undefined);
        await expect(market.fulfilment.advance(order.id)).rejects.toThrow('product-server');
        market.toProducts.isOpen();
        return order.id;
      },
      'CANCELLED',
    ],
    [
      'to be refunded, with its seats still sold',
      async () => {
        const { id, memberId } = await captured();
        await market.fulfilment.advance(id);
        await cancel(id, memberId);
        return id;
      },
      'REFUNDED',
    ],
    [
      'refunded at the gateway, while product-server was away',
      async () => {
        const { id, memberId } = await captured();
        await market.fulfilment.advance(id);
        await cancel(id, memberId);
        market.toProducts.faultOf = () => 'refused';
        await expect(market.fulfilment.advance(id)).rejects.toThrow('product-server');
        market.toProducts.isOpen();
        expect(await statusesOf(id)).toEqual(['CONFIRMED', ['REFUNDED']]);
        return id;
      },
      'REFUNDED',
    ],
    [
      'given back at product-server, and the answer was lost',
      async () => {
        const { id, memberId } = await captured();
        await market.fulfilment.advance(id);
        await cancel(id, memberId);
        market.toProducts.faultOf = ({ path }) => (path.endsWith('/return') ? 'lost' : undefined);
        await expect(market.fulfilment.advance(id)).rejects.toThrow('product-server');
        market.toProducts.isOpen();
        return id;
      },
      'REFUNDED',
    ],
  ];

  it.each(HALF_DONE)('is done later: %s', async (_state, prepare, end) => {
    const id = await prepare();
    await market.recover();
    const order = await market.row(id);
    expect(order.status).toBe(end);
    await nothingLeft(id);
    const { state } = await market.inventory.find(order.holdId ?? '');
    expect(state).toBe({ CONFIRMED: 'CONFIRMED', CANCELLED: 'RELEASED', REFUNDED: 'RETURNED' }[String(end)]);
    if (end === 'CONFIRMED') expect(order.followedUpAt).not.toBeNull();
    else expect(order.holdSettledAt).not.toBeNull();
  });

  it('takes a cart no second time for an order whose answer was lost', async () => {
    const { id, inCart } = await capturedGoods();
    market.toMembers.faultOf = () => 'lost';
    await expect(market.fulfilment.advance(id)).rejects.toThrow('member-server');
    market.toMembers.isOpen();
    await market.recover();
    expect(await inCart()).toEqual([1]);
  });

  it('is tried with growing pauses, by one of all who look, and not in silence', async () => {
    const { id } = await captured();
    await market.database.order.updateMany({ where: { NOT: { id } }, data: { advanceAt: null } });
    market.toProducts.faultOf = ({ path }) => (path.endsWith('/confirm') ? 'refused' : undefined);
    const pauses: number[] = [];
    for (let tries = 1; tries <= 6; tries += 1) {
      await Promise.all([market.recover(), market.recoverAgain(), market.recoverAgain()]);
      const { advanceTries, advanceAt } = await market.row(id);
      expect(advanceTries).toBe(tries);
      pauses.push(Math.round(((advanceAt?.getTime() ?? 0) - Date.now()) / 1_000));
    }
    for (const [index, pause] of pauses.entries()) {
      expect(Math.abs(pause - 2 * 2 ** index)).toBeLessThanOrEqual(2);
    }
    const told = market.lines.filter(({ orderId }) => orderId === id).map(({ level }) => level);
    expect(told).toEqual([...Array(5).fill('warn'), 'error']);
    expect(await market.metrics.registry.metrics()).toMatch(/^orders_stuck\{.*\} 1$/m);
    market.toProducts.isOpen();
    await market.recover();
    expect((await market.row(id)).status).toBe('CONFIRMED');
  });
});

describe('an event', () => {
  it('is noted as handled with its effect, and has none when it comes again', async () => {
    const { id } = await captured();
    const mark = markOf(randomUUID());
    await market.fulfilment.advance(id, mark);
    await expect(market.fulfilment.advance(id, mark)).rejects.toBeInstanceOf(AlreadyHandled);
    expect(await market.row(id)).toMatchObject({ status: 'CONFIRMED', version: 4 });
  });

  it('is not noted when its effect could not be made, and has it when it comes again', async () => {
    const { id } = await captured();
    const eventId = randomUUID();
    market.toProducts.faultOf = ({ path }) => (path.endsWith('/confirm') ? 'refused' : undefined);
    await expect(market.fulfilment.advance(id, markOf(eventId))).rejects.toThrow('product-server');
    expect(await market.database.handledEvent.count({ where: { eventId } })).toBe(0);
    market.toProducts.isOpen();
    await market.fulfilment.advance(id, markOf(eventId));
    expect((await market.row(id)).status).toBe('CONFIRMED');
  });

  it('that led only half the way does the rest when it comes again', async () => {
    const { id } = await capturedGoods();
    const eventId = randomUUID();
    market.toMembers.faultOf = () => 'refused';
    await expect(market.fulfilment.advance(id, markOf(eventId))).rejects.toThrow('member-server');
    expect(await market.database.handledEvent.count({ where: { eventId } })).toBe(1);
    market.toMembers.isOpen();
    await expect(market.fulfilment.advance(id, markOf(eventId))).rejects.toBeInstanceOf(AlreadyHandled);
    expect((await market.row(id)).followedUpAt).not.toBeNull();
  });

  it('of which nothing follows is noted all the same', async () => {
    const { order } = await market.reserved();
    const eventId = randomUUID();
    await market.fulfilment.advance(order.id, markOf(eventId));
    expect(await market.database.handledEvent.count({ where: { eventId } })).toBe(1);
  });
});
