import type { OrderSummary } from '@doa-market/common/contracts';
import type { OrderStatus } from '../generated/prisma/enums.ts';

/** What a buyer sees: that an order is held or being paid is one and the same to them. */
export function publicStatus(status: OrderStatus): OrderSummary['status'] {
  return status === 'HELD' || status === 'PAYING' ? 'PENDING' : status;
}

/** The statuses that a buyer sees as this one. */
export const privateStatuses = (status: OrderSummary['status']): OrderStatus[] =>
  status === 'PENDING' ? ['HELD', 'PAYING'] : [status];
