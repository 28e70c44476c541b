import { UpstreamError } from '@doa-market/common/http';
import type { Logger } from '@doa-market/common/logging';
import type { Database } from '../database.ts';
import type { Refund } from '../generated/prisma/client.ts';
import { durably } from '../steps.ts';
import type { Cancellation, PaymentGateway } from './gateway.ts';
import { LIMITS, later, pauseOfRefund } from './limits.ts';
import type { PaymentRepository } from './repository.ts';

interface RefundParts {
  database: Database;
  gateway: PaymentGateway;
  payments: PaymentRepository;
  logger: Logger;
}

/** What the gateway reads, and an operator in its console. */
const REASONS: Record<string, string> = {
  BUYER: '구매자 취소',
  AMOUNT_MISMATCH: '결제 금액 불일치',
  PAID_TWICE: '중복 결제',
  PAID_AFTER_END: '종료된 주문의 결제',
  HOLD_LOST: '재고 없음',
};

/**
 * Gives back what a refund is written down for: for ever, with growing pauses, as money that was promised back has to
 * arrive. Any number of callers may carry out the same one at once.
 */
export function createRefunds({ database, gateway, payments, logger }: RefundParts) {
  /** The refund, if it is to be tried now: whoever else comes before the next time is told to wait. */
  const claim = (paymentId: string): Promise<Refund | 'done' | 'pending'> =>
    database.$transaction(async (tx) => {
      const locked = await payments.lock(tx, paymentId);
      const refund = await tx.refund.findUnique({ where: { paymentId } });
      if (!locked || !refund || refund.doneAt) return 'done';
      const { payment, now } = locked;
      if (payment.askAgainAt && now < payment.askAgainAt) return 'pending';
      const pause = pauseOfRefund(now.getTime() - refund.requestedAt.getTime());
      await tx.payment.update({ where: { id: paymentId }, data: { askAgainAt: later(now, pause) } });
      return refund;
    });

  /** Asks first: it may be back already, by an earlier try whose answer was lost, or on its way. */
  async function giveBack({ id, paymentId, reason, attempts }: Refund): Promise<Cancellation> {
    const known = await gateway.find(paymentId);
    if (known.status === 'CANCELLED') {
      return { status: 'DONE', cancellationId: known.cancellation?.cancellationId ?? null };
    }
    if (known.cancellation?.status === 'UNDER_WAY') return known.cancellation;
    const words = REASONS[reason] ?? reason;
    return durably('compensate', () =>
      // A refusal is remembered under its key for hours: only another key asks again.
      gateway.cancel({ paymentId, reason: words, key: `refund-${id}-${attempts}` }),
    );
  }

  const finish = ({ paymentId }: Refund, cancellationId: string | null): Promise<void> =>
    database.$transaction(async (tx) => {
      const locked = await payments.lock(tx, paymentId);
      const { count } = await tx.refund.updateMany({
        where: { paymentId, doneAt: null },
        data: { doneAt: locked?.now ?? null, cancellationId },
      });
      if (!locked || count === 0) return;
      const { payment } = locked;
      await tx.payment.update({
        where: { id: paymentId },
        data: { status: 'REFUNDED', refunded: payment.captured, askAgainAt: null },
      });
      const { provider, transactionId } = payment;
      const transaction = transactionId ?? '';
      await payments.record(tx, { provider, paymentId, transactionId: transaction, effect: 'refunded' });
    });

  function report(refund: Refund, outcome: unknown): void {
    const { paymentId, reason, amount, attempts, requestedAt } = refund;
    const isLate = Date.now() - requestedAt.getTime() > LIMITS.inFlight;
    const facts = { paymentId, reason, amount, refusals: attempts, requestedAt, err: outcome };
    if (isLate) logger.error({ alarm: 'REFUND_LATE', ...facts }, 'money does not go back');
    else logger.warn(facts, 'a refund has not gone through yet');
  }

  return {
    /** @returns 'done' when the money is back with its buyer; 'pending' where this has to be called again later */
    async carryOut(paymentId: string): Promise<'done' | 'pending'> {
      const refund = await claim(paymentId);
      if (typeof refund === 'string') return refund;
      try {
        const { status, cancellationId } = await giveBack(refund);
        if (status === 'DONE') {
          await finish(refund, cancellationId);
          return 'done';
        }
        if (status === 'REFUSED') {
          await database.refund.update({ where: { id: refund.id }, data: { attempts: { increment: 1 } } });
        }
        report(refund, status);
      } catch (error) {
        if (!(error instanceof UpstreamError)) throw error;
        report(refund, error);
      }
      return 'pending';
    },
  };
}
export type Refunds = ReturnType<typeof createRefunds>;
