import type { OrderEvent } from '@doa-market/common/contracts';
import type { Memory } from './memory.ts';
import type { CartRemoval } from './neighbours.ts';
import type { Sums } from './sandbox.ts';

/** Everything that is there once all has come to its end, each part in the words of whoever keeps it. */
export interface World {
  // queue-server's database
  orders: readonly OrderRow[];
  orderSeats: readonly { orderId: string; seatId: string; unitPrice: number; ticketCode: string | null }[];
  orderItems: readonly { orderId: string; skuId: string; unitPrice: number; quantity: number }[];
  payments: readonly PaymentRow[];
  refunds: readonly { paymentId: string; amount: number; isDone: boolean }[];
  /** Ids of events. */
  outbox: readonly string[];
  putAside: readonly string[];
  handled: readonly string[];
  // product-server's
  holds: readonly { id: string; state: string }[];
  skus: readonly { id: string; onHand: number; held: number }[];
  seats: readonly { id: string; status: string; holdId: string | null }[];
  /** Units that each SKU began with. */
  began: ReadonlyMap<string, number>;
  // Redis
  events: readonly OrderEvent[];
  group: { unread: number; unfinished: number };
  // the neighbours'
  gateway: ReadonlyMap<string, Sums>;
  carts: readonly CartRemoval[];
  // what the buyers were told, and what they are told now
  memories: readonly Memory[];
  /** Members with a confirmed order of seats, by the status of the answer when they ask for their place. */
  placesAfter: ReadonlyMap<string, number>;
  /** What the servers have written that a person has to see. */
  alarms: readonly string[];
}

export interface OrderRow {
  id: string;
  memberId: string;
  kind: 'SEATS' | 'GOODS';
  status: 'HELD' | 'PAYING' | 'CONFIRMED' | 'CANCELLED' | 'EXPIRED' | 'REFUNDED';
  amount: number;
  version: number;
  holdId: string | null;
  admissionId: string | null;
  isSettled: boolean;
  isFollowedUp: boolean;
  /** Whether it was confirmed at some time. */
  wasConfirmed: boolean;
  /** Whether somebody is still to look at it. */
  isDue: boolean;
}

export interface PaymentRow {
  id: string;
  orderId: string;
  status: string;
  currency: string;
  captured: number;
  refunded: number;
}

export type Row = object;
/** What must not be, and of which: none where all is well. */
export type Rule = (world: World) => readonly Row[];
