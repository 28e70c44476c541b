import type { OrderEnd } from '@doa-market/common/contracts';
import type { Database } from '../database.ts';
import type { Order } from '../generated/prisma/client.ts';
import { recordEvent } from '../outbox/record.ts';
import { durably } from '../steps.ts';

/** Orders that one transaction ends. */
const BATCH = 50;
const REASON: OrderEnd = 'NOT_PAID_IN_TIME';

/**
 * Ends orders whose hold is over and that nobody went to pay, by the clock of the database. What they held comes back by
 * itself; money that still comes may have it, if nobody else took it. Any number of processes may: each takes orders that
 * nobody else is at. @returns how many
 */
export const expireOrders = (database: Database): Promise<number> =>
  durably('outbox', () =>
    database.$transaction(async (tx) => {
      const expired = await tx.$queryRaw<Pick<Order, 'id' | 'memberId' | 'kind' | 'version'>[]>`
        UPDATE orders SET status = 'EXPIRED', end_reason = ${REASON}, version = version + 1, updated_at = now()
        WHERE id IN (
          SELECT id FROM orders WHERE status = 'HELD' AND hold_expires_at <= now()
          ORDER BY hold_expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED
        )
        RETURNING id, member_id AS "memberId", kind::text, version`;
      for (const order of expired) await recordEvent(tx, order, { eventType: 'order.expired' });
      return expired.length;
    }),
  );
