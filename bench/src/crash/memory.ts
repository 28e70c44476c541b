import type { Order } from '@doa-market/common/contracts';
import type { Place } from './waiting.ts';

/** What a buyer was last told of an order. */
interface Told {
  status: Order['status'];
  /** Of its seats, as soon as there are any. */
  tickets: readonly string[];
  /** Whether its cancellation was accepted. */
  isCancelled: boolean;
}

/** What one buyer knows at the end. */
export interface Memory {
  memberId: string;
  place: Place;
  orders: Map<string, Told>;
  outcome: string;
}

export const createMemory = (memberId: string): Memory => ({
  memberId,
  place: { receipts: new Set(), numbers: new Set(), tokens: new Set() },
  orders: new Map(),
  outcome: '',
});

export function remember({ orders }: Memory, order: Order, { isCancelled = false } = {}): Order {
  const { id, status, seats } = order;
  const tickets = seats.flatMap(({ ticketCode }) => ticketCode ?? []);
  const wasCancelled = orders.get(id)?.isCancelled ?? false;
  orders.set(id, { status, tickets, isCancelled: isCancelled || wasCancelled });
  return order;
}
