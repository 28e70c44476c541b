import { type Database, databaseTime, type Transaction } from '../database.ts';
import type { Order, Payment, Prisma } from '../generated/prisma/client.ts';
import type { PaymentStatus } from '../generated/prisma/enums.ts';
import type { OrderRepository } from '../order/repository.ts';
import type { StoredPayment } from './presentation.ts';

/** Of these an order has one at most: the buyer can still pay by it. */
export const LIVE: readonly PaymentStatus[] = ['REQUESTED', 'READY'];
export const isLive = ({ status }: Pick<Payment, 'status'>): boolean => LIVE.includes(status);

/** A payment and its order, which nobody else changes until the transaction ends. */
export interface LockedPayment {
  order: Order;
  payment: Payment;
  /** The order's other payments. */
  others: Payment[];
  now: Date;
}

export type FoundPayment = StoredPayment & { order: Order };

/** The status of a payment changes under the lock of its order alone: so whoever has that sees all of them as they are. */
export function createPaymentRepository(database: Database, orders: OrderRepository) {
  return {
    async find(id: string): Promise<{ payment: FoundPayment; now: Date } | undefined> {
      const payment = await database.payment.findUnique({
        where: { id },
        include: { refund: true, order: true },
      });
      return payment ? { payment, now: await databaseTime(database) } : undefined;
    },

    async lock(tx: Transaction, id: string): Promise<LockedPayment | undefined> {
      const known = await tx.payment.findUnique({ where: { id }, select: { orderId: true } });
      const order = known && (await orders.lock(tx, known.orderId));
      if (!order) return undefined;
      const payments = await tx.payment.findMany({ where: { orderId: order.id } });
      const payment = payments.find((it) => it.id === id);
      if (!payment) return undefined;
      const others = payments.filter((it) => it.id !== id);
      return { order, payment, others, now: await databaseTime(tx) };
    },

    /** Writes that something of the gateway has taken effect. @returns false where it had before */
    async record(tx: Transaction, effect: Prisma.PaymentEffectCreateManyInput): Promise<boolean> {
      const { count } = await tx.paymentEffect.createMany({ data: effect, skipDuplicates: true });
      return count > 0;
    },
  };
}
export type PaymentRepository = ReturnType<typeof createPaymentRepository>;
