import type { OrderEvent } from '@doa-market/common/contracts';
import { describe, expect, it } from 'vitest';
import { audit, RULES } from '../../bench/src/crash/audit.ts';
import type { OrderRow, PaymentRow, World } from '../../bench/src/crash/world.ts';

/** A world of three orders in which all is well: seats and goods that are confirmed, and goods that were given back. */
const order = (id: string, changes: Partial<OrderRow> = {}): OrderRow => ({
  ...{ id, memberId: `member of ${id}`, kind: 'GOODS', status: 'CONFIRMED', amount: 2_000, version: 4 },
  ...{ holdId: `hold of ${id}`, admissionId: null, isSettled: false, isFollowedUp: true },
  ...{ wasConfirmed: true, isDue: false },
  ...changes,
});
const payment = (orderId: string, changes: Partial<PaymentRow> = {}): PaymentRow => ({
  ...{ id: `payment of ${orderId}`, orderId, status: 'PAID', currency: 'KRW', captured: 2_000, refunded: 0 },
  ...changes,
});
const LIFE = ['order.held', 'order.paying', 'order.captured', 'order.confirmed'] as const;
const RETURN = ['order.refund-requested', 'order.refunded'] as const;
const eventsOf = (id: string, types: readonly OrderEvent['eventType'][]): OrderEvent[] =>
  types.map((eventType, index) => ({
    ...{
      eventId: `${id} ${index + 1}`,
      eventType,
      version: index + 1,
      occurredAt: '2026-01-01T00:00:00.000Z',
    },
    ...{ aggregateType: 'order', aggregateId: id, correlationId: 'test', causationId: null },
    payload: { memberId: `member of ${id}`, kind: 'GOODS', paymentId: null },
  }));
const events = [
  ...eventsOf('seats', LIFE),
  ...eventsOf('goods', LIFE),
  ...eventsOf('returned', [...LIFE, ...RETURN]),
];
const place = (n: number) => ({
  receipts: new Set([n]),
  numbers: new Set([n]),
  tokens: new Set([`qr_${n}`]),
});
const removed = (id: string) => ({
  ...{ memberId: `member of ${id}`, orderId: id, items: [{ skuId: 'lamp', quantity: 2 }] },
});
const told = { isCancelled: false, tickets: [] };

const RIGHT: World = {
  orders: [
    order('seats', { kind: 'SEATS', admissionId: 'admission' }),
    order('goods'),
    order('returned', { status: 'REFUNDED', version: 6, isSettled: true }),
  ],
  orderSeats: [
    { orderId: 'seats', seatId: 'A1', unitPrice: 1_000, ticketCode: 'AAAA' },
    { orderId: 'seats', seatId: 'A2', unitPrice: 1_000, ticketCode: 'BBBB' },
  ],
  orderItems: [
    { orderId: 'goods', skuId: 'lamp', unitPrice: 1_000, quantity: 2 },
    { orderId: 'returned', skuId: 'lamp', unitPrice: 1_000, quantity: 2 },
  ],
  payments: [
    payment('seats'),
    payment('goods'),
    payment('returned', { status: 'REFUNDED', refunded: 2_000 }),
  ],
  refunds: [{ paymentId: 'payment of returned', amount: 2_000, isDone: true }],
  outbox: [],
  putAside: [],
  handled: events.map(({ eventId }) => eventId),
  holds: [
    { id: 'hold of seats', state: 'CONFIRMED' },
    { id: 'hold of goods', state: 'CONFIRMED' },
    { id: 'hold of returned', state: 'RETURNED' },
  ],
  skus: [{ id: 'lamp', onHand: 8, held: 0 }],
  seats: [
    { id: 'A1', status: 'SOLD', holdId: 'hold of seats' },
    { id: 'A2', status: 'SOLD', holdId: 'hold of seats' },
    { id: 'A3', status: 'AVAILABLE', holdId: null },
  ],
  began: new Map([['lamp', 10]]),
  events,
  group: { unread: 0, unfinished: 0 },
  gateway: new Map([
    ['payment of seats', { captured: 2_000, cancelled: 0, currency: 'KRW' }],
    ['payment of goods', { captured: 2_000, cancelled: 0, currency: 'KRW' }],
    ['payment of returned', { captured: 2_000, cancelled: 2_000, currency: 'KRW' }],
  ]),
  carts: [removed('goods'), removed('returned')],
  memories: [
    {
      ...{ memberId: 'member of seats', place: place(1), outcome: 'CONFIRMED' },
      orders: new Map([['seats', { ...told, status: 'CONFIRMED', tickets: ['AAAA', 'BBBB'] }]]),
    },
    {
      ...{ memberId: 'member of goods', place: place(2), outcome: 'CONFIRMED' },
      orders: new Map([['goods', { ...told, status: 'CONFIRMED' }]]),
    },
    {
      ...{ memberId: 'member of returned', place: place(3), outcome: 'REFUNDED' },
      orders: new Map([['returned', { ...told, status: 'CONFIRMED', isCancelled: true }]]),
    },
  ],
  placesAfter: new Map([['member of seats', 404]]),
  alarms: [],
};

/** The same world with one of a list's rows changed. */
const changed = <T extends object>(rows: readonly T[], is: (row: T) => boolean, changes: Partial<T>): T[] =>
  rows.map((row) => (is(row) ? { ...row, ...changes } : row));
const orderChanged = (id: string, changes: Partial<OrderRow>) => ({
  orders: changed(RIGHT.orders, (it) => it.id === id, changes),
});
const paymentChanged = (orderId: string, changes: Partial<PaymentRow>) => ({
  payments: changed(RIGHT.payments, (it) => it.orderId === orderId, changes),
});
const gatewayChanged = (
  orderId: string,
  changes: { captured?: number; cancelled?: number; currency?: string },
) => {
  const id = `payment of ${orderId}`;
  const sums = { captured: 2_000, cancelled: 0, currency: 'KRW', ...changes };
  return { gateway: new Map([...RIGHT.gateway, [id, sums]]) };
};
const memoryOf = (id: string, changes: Partial<World['memories'][number]>) => ({
  memories: changed(RIGHT.memories, ({ memberId }) => memberId === `member of ${id}`, changes),
});
const without = (eventType: OrderEvent['eventType']) => ({
  events: events.filter((event) => !(event.aggregateId === 'goods' && event.eventType === eventType)),
});
const again = (eventId: string) => [
  ...events,
  ...events.filter((event) => event.eventId === eventId).map((event) => ({ ...event, eventId: 'another' })),
];

/** What went wrong, how it shows, and what the audit has to say of it among other things. */
const WRONG: [string, Partial<World>, string][] = [
  [
    'a seat is sold to two orders',
    {
      orderSeats: [...RIGHT.orderSeats, { orderId: 'goods', seatId: 'A1', unitPrice: 0, ticketCode: 'CCCC' }],
    },
    'a seat was sold twice',
  ],
  [
    'a unit is sold that nobody has bought',
    { skus: [{ id: 'lamp', onHand: 7, held: 0 }] },
    'sold here and not there',
  ],
  [
    'a unit is bought that was not sold',
    { skus: [{ id: 'lamp', onHand: 9, held: 0 }] },
    'sold here and not there',
  ],
  [
    'one hold is sold instead of another',
    { holds: changed(RIGHT.holds, ({ id }) => id === 'hold of goods', { state: 'RETURNED' }) },
    'a hold was sold for another order',
  ],
  ['a hold is never ended', { holds: [...RIGHT.holds, { id: 'lost', state: 'HELD' }] }, 'a hold hangs'],
  ['units stay held', { skus: [{ id: 'lamp', onHand: 8, held: 1 }] }, 'units are held by nobody'],
  [
    'a seat stays held',
    { seats: changed(RIGHT.seats, ({ id }) => id === 'A3', { holdId: 'lost' }) },
    'a seat is held by nobody',
  ],
  [
    'money came and the order expired',
    orderChanged('goods', { status: 'EXPIRED' }),
    'money was kept for nothing',
  ],
  ['an order never ends', orderChanged('goods', { status: 'PAYING' }), 'an order hangs'],
  [
    'an order was not paid',
    paymentChanged('goods', { captured: 0, status: 'FAILED' }),
    'a confirmed order was not paid',
  ],
  [
    'an order costs more than its lines',
    orderChanged('goods', { amount: 9 }),
    'an order costs another amount',
  ],
  ['nobody sold back what ended', orderChanged('returned', { isSettled: false }), 'what an ended order held'],
  [
    'nobody followed up',
    orderChanged('goods', { isFollowedUp: false }),
    'nobody was told of a confirmed order',
  ],
  ['a payment never ends', paymentChanged('goods', { status: 'READY' }), 'a payment hangs'],
  [
    'a refund is not carried out',
    { refunds: changed(RIGHT.refunds, () => true, { isDone: false }) },
    'a refund hangs',
  ],
  [
    'half is given back',
    { refunds: changed(RIGHT.refunds, () => true, { amount: 1_000 }) },
    'a refund is not all',
  ],
  [
    'a refund is said to be done and was not',
    gatewayChanged('returned', { cancelled: 0 }),
    'the gateway has another amount',
  ],
  [
    'money goes back twice',
    gatewayChanged('returned', { cancelled: 4_000 }),
    'the gateway has another amount',
  ],
  ['money came that nobody knows of', gatewayChanged('nobody', {}), 'the gateway has another amount'],
  [
    'dollars are taken for won',
    gatewayChanged('goods', { currency: 'USD' }),
    'money of another currency was kept',
  ],
  [
    'a ticket is missing',
    { orderSeats: changed(RIGHT.orderSeats, ({ seatId }) => seatId === 'A2', { ticketCode: null }) },
    'a confirmed order has seats without a ticket',
  ],
  [
    'tickets are issued anew',
    { orderSeats: changed(RIGHT.orderSeats, ({ seatId }) => seatId === 'A2', { ticketCode: 'CCCC' }) },
    'a buyer was shown other tickets',
  ],
  [
    'an admission buys twice',
    orderChanged('goods', { admissionId: 'admission' }),
    'an admission has bought twice',
  ],
  ['an event is never sent', { outbox: ['goods 5'] }, 'an event waits in the outbox'],
  ['an event is put aside', { putAside: ['goods 4'] }, 'an event was put aside'],
  ['the relay forgets an event', without('order.paying'), 'a change of an order was not told exactly once'],
  ['the relay forgets the last event', without('order.confirmed'), 'an order has said another thing'],
  [
    'a change is told of twice',
    { events: again('goods 2') },
    'a change of an order was not told exactly once',
  ],
  ['an order is confirmed twice', { events: again('goods 4') }, 'an order was confirmed or given back twice'],
  [
    'an event is of no order',
    { events: [...events, ...eventsOf('nothing', LIFE)] },
    'an event is of no order',
  ],
  [
    'an event is acknowledged and not handled',
    { handled: RIGHT.handled.slice(1) },
    'an event has had no effect',
  ],
  ['an event is never read', { group: { unread: 1, unfinished: 0 } }, 'events wait for their readers'],
  ['an order is lost', { orders: RIGHT.orders.slice(1) }, 'a buyer was told another thing'],
  [
    'what was bought is not bought',
    orderChanged('goods', { status: 'CANCELLED' }),
    'a buyer was told another thing',
  ],
  ['a cancellation is lost', orderChanged('returned', { status: 'CONFIRMED' }), 'what a buyer cancelled'],
  ['one wish makes two orders', { orders: [...RIGHT.orders, order('second')] }, 'a buyer has an order'],
  ['a buyer is never answered', memoryOf('goods', { outcome: 'no answer: 503' }), 'a buyer got nowhere'],
  [
    'a member has two places',
    memoryOf('goods', { place: { ...place(2), receipts: new Set([2, 4]) } }),
    'a place is not',
  ],
  ['two members have one place', memoryOf('goods', { place: place(1) }), 'a place is not one'],
  ['a place is kept', { placesAfter: new Map([['member of seats', 200]]) }, 'a place outlives'],
  ['a cart is forgotten', { carts: [removed('returned')] }, 'a cart has still what was bought'],
  [
    'a cart loses what was not bought',
    { carts: [...RIGHT.carts, removed('nothing')] },
    'a cart has lost another thing',
  ],
  ['the books do not add up', { alarms: ['"alarm":"LEDGER"'] }, 'a server has raised an alarm'],
];

describe('the audit after a fall', () => {
  it('has nothing to say where all is well', () => {
    expect(audit(RIGHT)).toEqual([]);
  });

  it.each(WRONG)('sees that %s', (_what, wrong, finding) => {
    const findings = audit({ ...RIGHT, ...wrong });
    expect(findings.filter((it) => it.startsWith(finding))).not.toEqual([]);
  });

  it('is tried with each of its rules', () => {
    const untried = Object.keys(RULES).filter((rule) => !WRONG.some(([, , what]) => rule.startsWith(what)));
    expect(untried).toEqual([]);
  });
});
