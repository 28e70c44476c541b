import type { Logger } from '@doa-market/common/logging';
import type { Database, Transaction } from '../database.ts';
import type { OrderRepository } from '../order/repository.ts';
import { durably, type Step } from '../steps.ts';
import { createCapture } from './capture.ts';
import { endAttempt } from './end-attempt.ts';
import type { GatewayPayment, PaymentGateway } from './gateway.ts';
import { LIMITS, later, pauseAfterwards, pauseWhileLive } from './limits.ts';
import { isLive, type LockedPayment, type PaymentRepository } from './repository.ts';
import { createTurns } from './turns.ts';

interface SettleParts {
  database: Database;
  gateway: PaymentGateway;
  orders: OrderRepository;
  payments: PaymentRepository;
  logger: Logger;
}

interface SettleOptions {
  step?: Extract<Step, 'webhook' | 'outbox'>;
  /** What belongs into the transaction of the effect; without it nothing takes effect where it gives false. */
  first?: (tx: Transaction) => Promise<boolean>;
}

/**
 * The one way in which the gateway's word becomes ours, whoever brings it: the buyer who is back, a webhook, or the job
 * that asks. May be called any number of times at once: what was settled stays so.
 */
export function createSettle({ database, gateway, orders, payments, logger }: SettleParts) {
  const inTurn = createTurns();
  const capture = createCapture({ orders, payments, provider: gateway.provider, logger });

  async function apply(tx: Transaction, known: GatewayPayment, locked: LockedPayment): Promise<void> {
    if (known.status === 'PAID') return capture.take(tx, known, locked);
    if (known.status === 'CANCELLED') return capture.undo(tx, known, locked);
    const { payment, now } = locked;
    if (known.status === 'FAILED' && isLive(payment)) {
      const { transactionId, method } = known;
      const failure = known.failure ?? { code: 'OTHER', message: '' };
      return endAttempt(tx, orders, locked, { status: 'FAILED', failure, transactionId, method });
    }
    if (isLive(payment) && now >= later(payment.expiresAt, LIMITS.giveUp)) {
      const failure = { code: 'TIMEOUT', message: '결제 시간이 지났어요.' } as const;
      return endAttempt(tx, orders, locked, { status: 'CANCELLED', failure });
    }
    await askAgain(tx, locked);
  }

  /**
   * Asks the gateway, and takes its word.
   * @throws {UpstreamError} where it gave none: then nothing has changed, and it will be asked again
   */
  return async function settle(
    paymentId: string,
    { step = 'outbox', first }: SettleOptions = {},
  ): Promise<void> {
    const known = await gateway.find(paymentId).catch(async (error: unknown) => {
      await noteSilence(database, paymentId);
      throw error;
    });
    const take = async (tx: Transaction) => {
      if (first && !(await first(tx))) return;
      const locked = await payments.lock(tx, paymentId);
      if (locked) return apply(tx, known, locked);
      logger.warn({ paymentId }, 'a payment that is not ours');
    };
    await inTurn(paymentId, () => durably(step, () => database.$transaction(take)));
  };
}
export type Settle = ReturnType<typeof createSettle>;

/** Nothing new: when the next question is due. What was captured is no longer asked about. */
async function askAgain(tx: Transaction, { payment, now }: LockedPayment): Promise<void> {
  if (payment.captured > 0) return;
  const age = now.getTime() - payment.createdAt.getTime();
  const pause = isLive(payment) ? pauseWhileLive(age) : pauseAfterwards(age);
  const askAgainAt = pause === null ? null : later(now, pause);
  await tx.payment.update({ where: { id: payment.id }, data: { askedAt: null, askAgainAt } });
}

/** The gateway was asked, and has not answered: until it does, the payment's state is not known. */
async function noteSilence(database: Database, paymentId: string): Promise<void> {
  await database.$executeRaw`
    UPDATE payments SET asked_at = now(), updated_at = now()
    WHERE id = ${paymentId}::uuid AND status IN ('REQUESTED', 'READY')`;
}
