import type { PaymentFailure } from '@doa-market/common/contracts';
import type { Transaction } from '../database.ts';
import type { OrderRepository } from '../order/repository.ts';
import { recordEvent } from '../outbox/record.ts';
import { later, pauseAfterwards } from './limits.ts';
import type { LockedPayment } from './repository.ts';

interface Ending {
  status: 'FAILED' | 'CANCELLED';
  failure: PaymentFailure;
  /** Whether it is known that nothing is held any more. */
  isHoldLost?: boolean;
  transactionId?: string | null;
  method?: string | null;
}

/**
 * A live payment that came to nothing. Its order waits for another one as long as what it has is held for it, and has
 * ended otherwise. The gateway is asked about it for a while still: a card that was declined there may be tried again.
 */
export async function endAttempt(
  tx: Transaction,
  orders: OrderRepository,
  { order, payment, now }: LockedPayment,
  { status, failure, isHoldLost = false, transactionId = null, method = null }: Ending,
): Promise<void> {
  const pause = pauseAfterwards(now.getTime() - payment.createdAt.getTime());
  await tx.payment.update({
    where: { id: payment.id },
    data: {
      status,
      transactionId,
      method,
      failureCode: failure.code,
      failureMessage: failure.message.slice(0, 300),
      askedAt: null,
      askAgainAt: pause === null ? null : later(now, pause),
    },
  });
  if (order.status !== 'PAYING') return;
  const isHeld = !isHoldLost && order.holdExpiresAt !== null && now < order.holdExpiresAt;
  const changed = isHeld
    ? await orders.transition(tx, order, 'HELD')
    : await orders.transition(tx, order, 'EXPIRED', {
        endReason: isHoldLost ? 'HOLD_LOST' : 'NOT_PAID_IN_TIME',
      });
  const eventType = isHeld ? 'order.held' : 'order.expired';
  await recordEvent(tx, changed, { eventType, paymentId: payment.id });
}
