import type { OrderStatus } from '../generated/prisma/enums.ts';

/**
 * What may follow on what. A late capture brings an order back that had ended: to CONFIRMED where the same goods can
 * still be had, else to REFUNDED.
 */
const NEXT: Record<OrderStatus, readonly OrderStatus[]> = {
  /** Its goods are put by for it. */
  HELD: ['PAYING', 'CANCELLED', 'EXPIRED'],
  /** A payment is under way: time alone does not end it. Back to HELD after one that failed. */
  PAYING: ['HELD', 'CONFIRMED', 'CANCELLED', 'EXPIRED', 'REFUNDED'],
  CONFIRMED: ['REFUNDED'],
  CANCELLED: ['REFUNDED'],
  EXPIRED: ['CONFIRMED', 'REFUNDED'],
  REFUNDED: [],
};

/** Whether an order may go from one status to the other. */
export const mayBecome = (from: OrderStatus, to: OrderStatus): boolean => NEXT[from].includes(to);
