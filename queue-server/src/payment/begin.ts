import type { Checkout } from '@doa-market/common/contracts';
import { CheckoutSchema, type NewPayment } from '@doa-market/common/contracts';
import { ProblemError } from '@doa-market/common/errors';
import type { Logger } from '@doa-market/common/logging';
import type { NamedWrite } from '@doa-market/common/server';
import { Value } from 'typebox/value';
import { type Database, databaseTime, type Transaction } from '../database.ts';
import type { Order, Payment } from '../generated/prisma/client.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { keyOfAnotherOrder, orderNotFound } from '../order/refusals.ts';
import type { OrderRepository } from '../order/repository.ts';
import { recordEvent } from '../outbox/record.ts';
import { durably } from '../steps.ts';
import { endAttempt } from './end-attempt.ts';
import type { PaymentGateway } from './gateway.ts';
import { LIMITS, later, pauseWhileLive } from './limits.ts';
import { mayPay } from './permit.ts';
import { amountChanged, beingPaid, holdLost, noPermit, notPayable } from './refusals.ts';
import { isLive, type PaymentRepository } from './repository.ts';

interface BeginParts {
  database: Database;
  gateway: PaymentGateway;
  inventory: Inventory;
  orders: OrderRepository;
  payments: PaymentRepository;
  logger: Logger;
}

export interface PaymentRequest extends NewPayment {
  write: NamedWrite;
  /** The permit of seats that a waiting room led to. */
  permit: string | undefined;
}

type Attempt = Payment & { order: Order };

/**
 * Begins a payment: it is written down before anybody is asked, so whatever becomes of this process, what the gateway
 * takes is known to be ours. Asked for again under the same name it goes on where it had stopped.
 */
export function createBegin({ database, gateway, inventory, orders, payments, logger }: BeginParts) {
  async function lockOwn(tx: Transaction, { orderId, write }: PaymentRequest): Promise<Order> {
    const order = await orders.lock(tx, orderId);
    if (!order) throw orderNotFound();
    if (order.memberId === write.subject) return order;
    logger.warn({ orderId, memberId: write.subject }, "somebody else's order was to be paid");
    throw orderNotFound();
  }

  /** The payment of this name, or a new one. */
  async function claim(tx: Transaction, request: PaymentRequest): Promise<Attempt> {
    const order = await lockOwn(tx, request);
    const { key: idempotencyKey, fingerprint } = request.write;
    const attempts = await tx.payment.findMany({ where: { orderId: order.id } });
    const known = attempts.find((it) => it.idempotencyKey === idempotencyKey);
    if (known && known.fingerprint !== fingerprint) throw keyOfAnotherOrder();
    if (known) return { ...known, order };

    const now = await databaseTime(tx);
    if (!mayPay(order, request.permit, now)) throw noPermit();
    if (request.amount !== order.amount) throw amountChanged();
    if (attempts.some(isLive)) throw beingPaid();
    const isHeld = order.status === 'HELD' && order.holdExpiresAt !== null && now < order.holdExpiresAt;
    if (!isHeld || order.amount === 0) throw notPayable();

    const payment = await tx.payment.create({
      data: {
        orderId: order.id,
        provider: gateway.provider,
        amount: order.amount,
        idempotencyKey,
        fingerprint,
        expiresAt: later(now, LIMITS.payment),
        createdAt: now,
        askAgainAt: later(now, pauseWhileLive(0)),
      },
    });
    const paying = await orders.transition(tx, order, 'PAYING');
    await recordEvent(tx, paying, { eventType: 'order.paying', paymentId: payment.id });
    return { ...payment, order: paying };
  }

  /** What is held has to outlive the payment, or nobody is sent to pay. */
  async function extendHold({ id, order }: Attempt): Promise<Date> {
    if (order.holdId === null) throw notPayable();
    try {
      const hold = await inventory.extend(order.holdId, (LIMITS.payment + LIMITS.holdMargin) / 1_000);
      return new Date(hold.expiresAt);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const failure = { code: 'HOLD_LOST', message: '선점한 상품이 더 이상 없어요.' } as const;
      await database.$transaction(async (tx) => {
        const locked = await payments.lock(tx, id);
        if (!locked || !isLive(locked.payment)) return;
        await endAttempt(tx, orders, locked, { status: 'CANCELLED', failure, isHoldLost: true });
      });
      throw holdLost(error);
    }
  }

  /** Sends the buyer to the gateway, which is told before what it may take. */
  async function open(attempt: Attempt): Promise<Checkout> {
    const { id: paymentId, order, amount, expiresAt } = attempt;
    const holdExpiresAt = await extendHold(attempt);
    const preparation = { paymentId, orderName: order.title, amount, expiresAt };
    const checkout = await durably('prepare', () => gateway.prepare(preparation));
    await database.$transaction(async (tx) => {
      const locked = await payments.lock(tx, paymentId);
      if (locked?.payment.status !== 'REQUESTED') return;
      await tx.payment.update({ where: { id: paymentId }, data: { status: 'READY', checkout } });
      await tx.order.update({ where: { id: order.id }, data: { holdExpiresAt } });
    });
    return checkout;
  }

  /** @returns the payment's id and where the buyer pays */
  return async function begin(request: PaymentRequest): Promise<{ paymentId: string; checkout: Checkout }> {
    const attempt = await durably('outbox', () => database.$transaction((tx) => claim(tx, request)));
    if (attempt.status === 'REQUESTED') return { paymentId: attempt.id, checkout: await open(attempt) };
    if (!Value.Check(CheckoutSchema, attempt.checkout)) throw notPayable('This payment has ended.');
    return { paymentId: attempt.id, checkout: attempt.checkout };
  };
}
