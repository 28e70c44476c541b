import type { OrderRow, Rule, World } from '../world.ts';

const isConfirmed = ({ status }: Pick<OrderRow, 'status'>): boolean => status === 'CONFIRMED';

const confirmed = ({ orders }: World): Set<string> => new Set(orders.filter(isConfirmed).map(({ id }) => id));

/** Values that are there more than once. */
export function repeated(values: readonly string[]): { id: string; times: number }[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].flatMap(([id, times]) => (times > 1 ? [{ id, times }] : []));
}

/** What must not be of orders and their money, by queue-server's own rows. */
export const ORDERS: Record<string, Rule> = {
  'an order hangs': ({ orders }) =>
    orders
      .filter(({ status, isDue }) => status === 'HELD' || status === 'PAYING' || isDue)
      .map(({ id, status }) => ({ id, status })),

  'what an ended order held was not settled': ({ orders }) =>
    orders
      .filter(({ status, holdId, isSettled }) => {
        const isOver = status === 'CANCELLED' || status === 'REFUNDED';
        return isOver && holdId !== null && !isSettled;
      })
      .map(({ id, status }) => ({ id, status })),

  'nobody was told of a confirmed order': ({ orders }) =>
    orders.filter((order) => isConfirmed(order) && !order.isFollowedUp).map(({ id }) => ({ id })),

  'an order costs another amount than what it has': ({ orders, orderItems, orderSeats }) =>
    orders.flatMap(({ id, amount }) => {
      const lines = [...orderItems, ...orderSeats.map((seat) => ({ ...seat, quantity: 1 }))];
      const costs = lines
        .filter(({ orderId }) => orderId === id)
        .reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0);
      return costs === amount ? [] : [{ id, amount, costs }];
    }),

  'a payment hangs': ({ payments }) =>
    payments
      .filter(({ status }) => ['REQUESTED', 'READY', 'REFUNDING'].includes(status))
      .map(({ id, status }) => ({ id, status })),

  'a refund hangs': ({ refunds }) => refunds.filter(({ isDone }) => !isDone),

  'a refund is not all that came': ({ refunds, payments }) =>
    refunds.flatMap(({ paymentId, amount }) => {
      const payment = payments.find(({ id }) => id === paymentId);
      return payment?.captured === amount ? [] : [{ paymentId, amount, captured: payment?.captured }];
    }),

  'a confirmed order was not paid exactly once': ({ orders, payments }) =>
    orders.filter(isConfirmed).flatMap(({ id, amount }) => {
      const paid = payments.filter(({ orderId, status }) => orderId === id && status === 'PAID');
      const isRight = paid.length === 1 && paid[0]?.captured === amount && paid[0].refunded === 0;
      return isRight ? [] : [{ id, amount, paid }];
    }),

  'money was kept for nothing': (world) => {
    const sold = confirmed(world);
    return world.payments.filter(
      ({ captured, refunded, status, orderId }) =>
        captured > refunded && !(status === 'PAID' && sold.has(orderId)),
    );
  },

  'a seat was sold twice': (world) => {
    const sold = confirmed(world);
    const seats = world.orderSeats.filter(({ orderId }) => sold.has(orderId));
    return repeated(seats.map(({ seatId }) => seatId));
  },

  'a confirmed order has seats without a ticket, or another one has tickets': (world) => {
    const sold = confirmed(world);
    return world.orderSeats
      .filter(({ orderId, ticketCode }) => sold.has(orderId) !== (ticketCode !== null))
      .map(({ orderId, seatId }) => ({ orderId, seatId }));
  },

  'an admission has bought twice': ({ orders }) =>
    repeated(orders.filter(isConfirmed).flatMap(({ admissionId }) => admissionId ?? [])),
};
