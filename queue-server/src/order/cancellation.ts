import type { Order, Payment } from '../generated/prisma/client.ts';

/** Korea has no summer time: its day begins at 15:00 UTC, all year round. */
const KOREAN_MORNING = 9 * 3_600_000;
const DAY = 24 * 3_600_000;

/** The beginning of the day in Seoul on which something starts: until then its tickets can be given back. */
export const dayOf = (startsAt: Date): Date =>
  new Date(Math.floor((startsAt.getTime() + KOREAN_MORNING) / DAY) * DAY - KOREAN_MORNING);

export type Cancellable = Pick<Order, 'kind' | 'status' | 'eventStartsAt' | 'shippedAt'> & {
  payments: readonly Pick<Payment, 'status'>[];
};

/** Whether its money goes back already, or has gone. */
export const isRefunded = ({ payments }: Pick<Cancellable, 'payments'>): boolean =>
  !payments.some(({ status }) => status === 'PAID') &&
  payments.some(({ status }) => status === 'REFUNDING' || status === 'REFUNDED');

/**
 * Whether its buyer may cancel an order at `now`, and until when that stays so. Before it is paid always; then goods until
 * they are shipped, and seats until the end of the day before the event, in Seoul.
 */
export function cancellationOf(order: Cancellable, now: Date): { allowed: boolean; until: Date | null } {
  if (order.status === 'HELD' || order.status === 'PAYING') return { allowed: true, until: null };
  if (order.status !== 'CONFIRMED' || isRefunded(order)) return { allowed: false, until: null };
  if (order.kind === 'GOODS') return { allowed: order.shippedAt === null, until: null };
  const until = order.eventStartsAt && dayOf(order.eventStartsAt);
  return { allowed: until !== null && now < until, until };
}
