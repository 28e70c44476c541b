import type { OrderEnd } from '@doa-market/common/contracts';
import { ProblemError } from '@doa-market/common/errors';
import { databaseTime, type Transaction } from '../database.ts';
import type { Order, Payment } from '../generated/prisma/client.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { requestRefund } from '../order/refund-request.ts';
import type { OrderRepository } from '../order/repository.ts';
import { recordEvent } from '../outbox/record.ts';
import { durably } from '../steps.ts';
import type { Transact } from './marking.ts';
import { ticketCode } from './ticket-code.ts';

interface SellParts {
  orders: OrderRepository;
  inventory: Inventory;
}

const HOLD_LOST: OrderEnd = 'HOLD_LOST';
const FAILURE = {
  failureCode: HOLD_LOST,
  failureMessage: '선점한 상품이 더 이상 없어 결제 금액을 돌려드려요.',
};

/** Makes of an order whose money is here one that is confirmed; or, where what it held is gone, one that is refunded. */
export function createSeller({ orders, inventory }: SellParts) {
  /** The order and its payment, locked, if they are still as they were when it was decided to sell. */
  async function stillToSell(
    tx: Transaction,
    orderId: string,
    paymentId: string,
  ): Promise<{ order: Order; payment: Payment } | undefined> {
    const order = await orders.lock(tx, orderId);
    const payment = await tx.payment.findUnique({ where: { id: paymentId } });
    if (!order || payment?.status !== 'PAID') return undefined;
    return order.status === 'PAYING' || order.status === 'EXPIRED' ? { order, payment } : undefined;
  }

  async function issueTickets(tx: Transaction, orderId: string): Promise<void> {
    const seats = await tx.orderSeat.findMany({ where: { orderId }, select: { position: true } });
    if (seats.length === 0) return;
    await tx.$executeRaw`
      UPDATE order_seats SET ticket_code = issued.code
      FROM unnest(${seats.map(({ position }) => position)}::int[], ${seats.map(ticketCode)}::text[])
        AS issued(position, code)
      WHERE order_id = ${orderId}::uuid AND order_seats.position = issued.position`;
  }

  const confirm = (orderId: string, paymentId: string, transact: Transact) =>
    transact(async (tx) => {
      const found = await stillToSell(tx, orderId, paymentId);
      // Ended meanwhile: what was sold for it comes back with the rest of it.
      if (!found) return;
      const confirmedAt = await databaseTime(tx);
      const order = await orders.transition(tx, found.order, 'CONFIRMED', { confirmedAt, endReason: null });
      await issueTickets(tx, orderId);
      await recordEvent(tx, order, { eventType: 'order.confirmed', paymentId });
    });

  const giveUp = (orderId: string, paymentId: string, transact: Transact) =>
    transact(async (tx) => {
      const found = await stillToSell(tx, orderId, paymentId);
      if (!found) return;
      await requestRefund(tx, found.payment, HOLD_LOST, FAILURE);
      const changes = { endReason: HOLD_LOST };
      const order =
        found.order.status === 'PAYING'
          ? await orders.transition(tx, found.order, 'CANCELLED', changes)
          : await orders.touch(tx, found.order, changes);
      await recordEvent(tx, order, { eventType: 'order.refund-requested', paymentId });
    });

  return async function sell(
    { id, holdId }: Pick<Order, 'id' | 'holdId'>,
    payment: Pick<Payment, 'id'>,
    transact: Transact,
  ): Promise<void> {
    const isSold = await confirmHold(holdId);
    await durably('outbox', () => (isSold ? confirm : giveUp)(id, payment.id, transact));
  };

  /** @returns false where it is not to be had any more */
  async function confirmHold(holdId: string | null): Promise<boolean> {
    if (holdId === null) return false;
    try {
      await durably('confirm', () => inventory.confirm(holdId));
      return true;
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }
}

const isGone = (error: unknown): boolean =>
  error instanceof ProblemError && ['INV_4090', 'INV_4091', 'REQ_4040'].includes(error.code);
