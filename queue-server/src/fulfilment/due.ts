import { isRefunded } from '../order/cancellation.ts';
import type { WholeOrder } from '../order/repository.ts';

type Payment = WholeOrder['payments'][number];

/** What is left to do of an order outside of this database. */
export type DueStep =
  /** Its money is here: sells what it holds. */
  | { step: 'sell'; payment: Payment }
  /** Its goods go back to where they came from. */
  | { step: 'settle' }
  /** Money goes back. */
  | { step: 'refund'; payment: Payment }
  /** The money is back, and the order does not say so yet. */
  | { step: 'close' }
  /** Whoever else has to know that it is confirmed is told. */
  | { step: 'follow-up' };

/** Everything that follows from how an order is; nothing once it has come to rest. */
export function dueSteps(order: WholeOrder): DueStep[] {
  const { status, payments } = order;
  const due: DueStep[] = [];
  const paid = payments.find((it) => it.status === 'PAID');
  const refunded = isRefunded(order);

  if (paid && (status === 'PAYING' || status === 'EXPIRED')) due.push({ step: 'sell', payment: paid });
  const isOver = status === 'CANCELLED' || status === 'REFUNDED' || (status === 'CONFIRMED' && refunded);
  if (isOver && order.holdId !== null && order.holdSettledAt === null) due.push({ step: 'settle' });
  for (const payment of payments) {
    if (payment.status === 'REFUNDING') due.push({ step: 'refund', payment });
  }
  if (refunded && isBack(payments) && status !== 'PAYING' && status !== 'HELD' && status !== 'REFUNDED') {
    due.push({ step: 'close' });
  }
  if (status === 'CONFIRMED' && !refunded && order.followedUpAt === null) due.push({ step: 'follow-up' });
  return due;
}

const isBack = (payments: readonly Payment[]): boolean =>
  !payments.some(({ status }) => status === 'REFUNDING');
