import { currentContext } from '@doa-market/common/context';
import type { OrderEvent } from '@doa-market/common/contracts';
import type { Transaction } from '../database.ts';
import type { Order } from '../generated/prisma/client.ts';

interface Happening {
  eventType: OrderEvent['eventType'];
  paymentId?: string | null;
  /** The event that it follows from. */
  causationId?: string | null;
}

/** After these there is something to do outside of this database. */
const CALLS_FOR_WORK: readonly OrderEvent['eventType'][] = [
  'order.captured',
  'order.confirmed',
  'order.cancelled',
  'order.refund-requested',
  'order.refunded',
];

/** Seconds that whoever hears of the event has, before somebody looks who did not. */
const GRACE = 3;

/**
 * Writes the event of a change in the transaction of the change: both are there, or neither. `order` as it is after it.
 * What it calls for is noted with the order as well, so that it is done though nobody ever hears of the event.
 */
export async function recordEvent(
  tx: Transaction,
  { id, memberId, kind, version }: Pick<Order, 'id' | 'memberId' | 'kind' | 'version'>,
  { eventType, paymentId = null, causationId = null }: Happening,
): Promise<void> {
  await tx.outboxEvent.create({
    data: {
      eventType,
      version,
      aggregateType: 'order',
      aggregateId: id,
      correlationId: currentContext()?.requestId ?? 'background',
      causationId,
      payload: { memberId, kind, paymentId },
    },
  });
  if (CALLS_FOR_WORK.includes(eventType)) {
    await tx.$executeRaw`
      UPDATE orders SET advance_at = now() + make_interval(secs => ${GRACE}), advance_tries = 0
      WHERE id = ${id}::uuid`;
  }
}
