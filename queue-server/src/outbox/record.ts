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

/** Writes the event of a change in the transaction of the change: both are there, or neither. `order` as it is after it. */
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
}
