import { OrderEndSchema, type OrderSummary, type Order as PublicOrder } from '@doa-market/common/contracts';
import { Value } from 'typebox/value';
import type { Deliveries } from '../delivery/deliveries.ts';
import type { Order } from '../generated/prisma/client.ts';
import { toPayment } from '../payment/presentation.ts';
import { cancellationOf } from './cancellation.ts';
import type { WholeOrder } from './repository.ts';
import { publicStatus } from './status.ts';

export const toSummary = ({ id, kind, status, title, amount, createdAt }: Order): OrderSummary => ({
  ...{ id, kind, title, amount },
  status: publicStatus(status),
  createdAt: createdAt.toISOString(),
});

/** An order as its buyer sees it at `now`, by the clock of the database. */
export function toOrder(
  { order, now }: { order: WholeOrder; now: Date },
  deliveries: Deliveries,
): PublicOrder {
  const { eventId, eventStartsAt, delivery, endReason } = order;
  // Of two that were paid one goes back: what is kept is what a buyer looks for.
  const payment = order.payments.find((it) => it.status === 'PAID') ?? order.payments[0];
  const { allowed, until } = cancellationOf(order, now);
  const isOpen = order.status === 'HELD' || order.status === 'PAYING';
  return {
    ...toSummary(order),
    version: order.version,
    expiresAt: isOpen ? toIso(order.holdExpiresAt) : null,
    event: eventId && eventStartsAt ? { id: eventId, startsAt: eventStartsAt.toISOString() } : null,
    items: order.items.map(({ skuId, productId, title, quantity, unitPrice }) => ({
      ...{ skuId, productId, title, quantity, unitPrice },
    })),
    seats: order.seats.map(({ seatId, section, row, number, grade, unitPrice, ticketCode }) => ({
      ...{ seatId, section, row, number, grade, unitPrice, ticketCode },
    })),
    delivery: delivery === null ? null : deliveries.open(order.id, delivery),
    shippedAt: toIso(order.shippedAt),
    payment: payment ? toPayment(payment, order, now) : null,
    endReason: Value.Check(OrderEndSchema, endReason) ? endReason : null,
    cancellation: { allowed, until: toIso(until) },
  };
}

const toIso = (date: Date | null): string | null => date?.toISOString() ?? null;
