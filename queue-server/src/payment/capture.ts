import type { OrderEnd } from '@doa-market/common/contracts';
import type { Logger } from '@doa-market/common/logging';
import type { Transaction } from '../database.ts';
import type { OrderRepository } from '../order/repository.ts';
import { recordEvent } from '../outbox/record.ts';
import type { GatewayPayment } from './gateway.ts';
import { isLive, type LockedPayment, type PaymentRepository } from './repository.ts';

/** Why money goes back at once. */
type RefundReason = 'AMOUNT_MISMATCH' | 'PAID_TWICE' | 'PAID_AFTER_END';

interface CaptureParts {
  orders: OrderRepository;
  payments: PaymentRepository;
  provider: string;
  logger: Logger;
}

/** What follows when money has come, and when the gateway has given it back by itself. */
export function createCapture({ orders, payments, provider, logger }: CaptureParts) {
  /** The columns of what came. */
  const captured = ({ captured: amount, transactionId, method, paidAt }: GatewayPayment) => ({
    captured: amount,
    transactionId,
    method,
    paidAt,
    failureCode: null,
    failureMessage: null,
    askedAt: null,
    askAgainAt: null,
  });

  const effectOf = (effect: string, { transactionId }: GatewayPayment, paymentId: string) => ({
    provider,
    paymentId,
    transactionId: transactionId ?? '',
    effect,
  });

  /** To be sold for: by whoever hears of it, or finds it. An order that had expired may still get what it was for. */
  async function accept(tx: Transaction, known: GatewayPayment, { order, payment }: LockedPayment) {
    await tx.payment.update({ where: { id: payment.id }, data: { ...captured(known), status: 'PAID' } });
    const changed =
      order.status === 'HELD' ? await orders.transition(tx, order, 'PAYING') : await orders.touch(tx, order);
    await recordEvent(tx, changed, { eventType: 'order.captured', paymentId: payment.id });
  }

  /** Money of another amount is no affair between us and the buyer: somebody has to look into it. */
  function report(
    reason: RefundReason,
    { captured: amount, currency }: GatewayPayment,
    { order, payment }: Pick<LockedPayment, 'order' | 'payment'>,
  ): void {
    const facts = { reason, paymentId: payment.id, orderId: order.id, captured: amount, currency };
    if (reason === 'AMOUNT_MISMATCH')
      logger.error({ alarm: reason, ...facts }, 'other money came than was asked for');
    else logger.warn(facts, 'money came that goes back');
  }

  async function sendBack(
    tx: Transaction,
    known: GatewayPayment,
    { order, payment }: LockedPayment,
    reason: RefundReason,
  ) {
    report(reason, known, { order, payment });
    await tx.payment.update({ where: { id: payment.id }, data: { ...captured(known), status: 'REFUNDING' } });
    const amount = known.captured - known.cancelled;
    await tx.refund.create({ data: { paymentId: payment.id, amount, reason } });
    // An order ends with the attempt that it was at; what another attempt brings changes nothing of it.
    const endReason = 'AMOUNT_MISMATCH' satisfies OrderEnd;
    const changed =
      reason === endReason && isLive(payment) && order.status === 'PAYING'
        ? await orders.transition(tx, order, 'CANCELLED', { endReason })
        : await orders.touch(tx, order);
    await recordEvent(tx, changed, { eventType: 'order.refund-requested', paymentId: payment.id });
  }

  return {
    /** Money has come. Once: whatever comes after it for the same payment is for an operator to see. */
    async take(tx: Transaction, known: GatewayPayment, locked: LockedPayment): Promise<void> {
      const { payment } = locked;
      if (payment.captured > 0) return compare(known, locked);
      if (!(await payments.record(tx, effectOf('captured', known, payment.id)))) return;
      const reason = refusalOf(known, locked);
      await (reason ? sendBack(tx, known, locked, reason) : accept(tx, known, locked));
    },

    /**
     * All of it was given back. Where that was not our doing (an operator's, at the gateway), what was paid for goes back
     * as well.
     */
    async undo(tx: Transaction, known: GatewayPayment, locked: LockedPayment): Promise<void> {
      const { order, payment } = locked;
      if (payment.status === 'REFUNDING' || payment.status === 'REFUNDED') return;
      if (!(await payments.record(tx, effectOf('undone', known, payment.id)))) return;
      logger.warn(
        { paymentId: payment.id, orderId: order.id },
        'a payment was given back at the gateway itself',
      );
      await tx.payment.update({
        where: { id: payment.id },
        data: { ...captured(known), status: 'REFUNDING' },
      });
      await tx.refund.create({
        data: { paymentId: payment.id, amount: known.captured, reason: 'AT_GATEWAY' },
      });
      const isItsOwn = payment.status === 'PAID' || isLive(payment);
      if (isItsOwn) {
        await tx.orderSeat.updateMany({ where: { orderId: order.id }, data: { ticketCode: null } });
      }
      const changed =
        isItsOwn && order.status === 'PAYING'
          ? await orders.transition(tx, order, 'CANCELLED', { endReason: 'AT_GATEWAY' satisfies OrderEnd })
          : await orders.touch(tx, order);
      await recordEvent(tx, changed, { eventType: 'order.refund-requested', paymentId: payment.id });
    },
  };

  function compare(known: GatewayPayment, { payment, order }: LockedPayment): void {
    const isSame = known.captured === payment.captured && known.transactionId === payment.transactionId;
    if (isSame && (known.cancelled === 0 || payment.status !== 'PAID')) return;
    const { captured: now, cancelled, transactionId } = known;
    logger.error(
      {
        alarm: 'CAPTURE_CHANGED',
        paymentId: payment.id,
        orderId: order.id,
        captured: now,
        cancelled,
        transactionId,
      },
      'the gateway has another word of money than before',
    );
  }
}

/** Why money may not be kept; undefined where its order is to have what it was paid for. */
function refusalOf(
  { captured, cancelled, currency }: GatewayPayment,
  { order, payment, others }: LockedPayment,
): RefundReason | undefined {
  if (currency !== payment.currency || captured - cancelled !== payment.amount) return 'AMOUNT_MISMATCH';
  if (others.some((it) => it.status === 'PAID' || isLive(it))) return 'PAID_TWICE';
  const mayBeSold = order.status === 'HELD' || order.status === 'PAYING' || order.status === 'EXPIRED';
  return mayBeSold ? undefined : 'PAID_AFTER_END';
}
