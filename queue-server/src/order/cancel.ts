import type { OrderEnd } from '@doa-market/common/contracts';
import { databaseTime, type Transaction } from '../database.ts';
import type { Order, Payment } from '../generated/prisma/client.ts';
import { recordEvent } from '../outbox/record.ts';
import { cancellationOf } from './cancellation.ts';
import { requestRefund } from './refund-request.ts';
import { notCancellable } from './refusals.ts';
import type { OrderRepository } from './repository.ts';

const BUYER: OrderEnd = 'BUYER';

/** Ends a locked order for its buyer; one that they have ended before stays so. @throws {ProblemError} 409 ORD_4092 */
export async function cancelForBuyer(tx: Transaction, orders: OrderRepository, order: Order): Promise<void> {
  if (order.endReason === BUYER) return;
  const payments = await tx.payment.findMany({ where: { orderId: order.id } });
  const now = await databaseTime(tx);
  if (!cancellationOf({ ...order, payments }, now).allowed) throw notCancellable();
  const paid = payments.find(({ status }) => status === 'PAID');
  if (order.status === 'CONFIRMED') return giveBack(tx, orders, order, paid);

  const cancelled = await orders.transition(tx, order, 'CANCELLED', { endReason: BUYER });
  if (paid) await requestRefund(tx, paid, BUYER);
  await recordEvent(tx, cancelled, {
    eventType: paid ? 'order.refund-requested' : 'order.cancelled',
    paymentId: paid?.id ?? null,
  });
}

/** What was bought stays CONFIRMED until the money is back; its tickets open no door from now on. */
async function giveBack(
  tx: Transaction,
  orders: OrderRepository,
  order: Order,
  paid: Payment | undefined,
): Promise<void> {
  await tx.orderSeat.updateMany({ where: { orderId: order.id }, data: { ticketCode: null } });
  const changes = { endReason: BUYER };
  if (!paid) {
    const refunded = await orders.transition(tx, order, 'REFUNDED', changes);
    return recordEvent(tx, refunded, { eventType: 'order.refunded' });
  }
  await requestRefund(tx, paid, BUYER);
  const changed = await orders.touch(tx, order, changes);
  await recordEvent(tx, changed, { eventType: 'order.refund-requested', paymentId: paid.id });
}
