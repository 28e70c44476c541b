import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { FaultBox } from '../fault-box.ts';
import type { Payment } from '../payment/payment.ts';
import type { Store } from '../store.ts';
import type { Delivery } from './delivery.ts';
import type { Sender } from './sender.ts';

export type NoticeType = 'Ready' | 'Paid' | 'Failed' | 'CancelPending' | 'Cancelled' | 'PartialCancelled';

/** How long messages wait for the one that is to overtake them. */
const REORDER_FOR = 10_000;

/** The body of a webhook, version 2024-04-25. */
export const messageOf = (
  { id, transactionId }: Payment,
  type: string,
  storeId: string,
  at: number,
  more: Record<string, string | number> = {},
): string =>
  JSON.stringify({
    type: `Transaction.${type}`,
    timestamp: new Date(at).toISOString(),
    data: { paymentId: id, storeId, transactionId, ...more },
  });

interface Parts {
  store: Store;
  clock: Clock;
  sender: Sender;
  faults: FaultBox;
  storeId: string;
}

/** Tells the shop what has happened, with whatever has been asked to go wrong about it. */
export function createNotices({ store, clock, sender, faults: box, storeId }: Parts) {
  let reordered: Delivery[] = [];
  let overdue: (() => void) | undefined;

  async function release(): Promise<void> {
    overdue?.();
    overdue = undefined;
    const messages = reordered.reverse();
    reordered = [];
    for (const message of messages) await sender.send(message, {});
  }

  function hold(message: Delivery, size: number): void {
    reordered.push(message);
    if (reordered.length >= size) void release();
    else overdue ??= clock.at(clock.now() + REORDER_FOR, () => void release());
  }

  return {
    announce(payment: Payment, type: NoticeType, more: Record<string, string> = {}): void {
      const faults = box.webhooks(payment.id) ?? {};
      const now = clock.now();
      const message: Delivery = {
        id: randomUUID(),
        paymentId: payment.id,
        type: `Transaction.${type}`,
        body: messageOf(payment, type, storeId, now, more),
        state: faults.drop ? 'DROPPED' : 'PENDING',
        dueAt: now + (faults.delay ?? 0) * 1_000,
        attempts: [],
      };
      store.saveDelivery(message);
      if (faults.drop) return;
      if (faults.reorder) hold(message, faults.reorder);
      else for (let copy = 0; copy <= (faults.duplicates ?? 0); copy += 1) sender.plan(message, faults);
    },
  };
}
export type Notices = ReturnType<typeof createNotices>;
