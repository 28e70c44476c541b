import type { Database } from '../database.ts';
import { LIMITS } from '../payment/limits.ts';

/**
 * What must hold of all money at every moment: captured = confirmed + refunded + in flight, of each payment and in sum;
 * nothing is in flight for longer than ten minutes; and nothing is sold twice.
 */
export interface Ledger {
  /** KRW, of all payments. */
  captured: number;
  /** Of orders that are confirmed: their buyers have what they paid for. */
  confirmed: number;
  refunded: number;
  /** On its way to one of the two. */
  inFlight: number;
  /** Payments of which it does not hold, and why. */
  broken: { paymentId: string; orderId: string; why: Why; captured: number }[];
  /** Orders that say another thing than their payments, and why. */
  brokenOrders: { orderId: string; why: 'NOT_PAID' | 'PAID_TWICE' | 'WAITS_FOR_NOTHING' }[];
  /** Seats that two orders have, or a hold that two orders were sold. */
  soldTwice: string[];
}

/**
 * LATE: neither confirmed nor back for too long. UNACCOUNTED: money that is none of the three. NO_EFFECT: money, and no
 * word of the gateway that it came, or two of them. REFUND_DIFFERS: not all of it came back.
 */
type Why = 'LATE' | 'UNACCOUNTED' | 'NO_EFFECT' | 'REFUND_DIFFERS';

interface Sums {
  captured: bigint;
  confirmed: bigint;
  refunded: bigint;
  in_flight: bigint;
}

/** @returns the books as they are in one snapshot of the database */
export const check = (database: Database): Promise<Ledger> =>
  database.$transaction(
    async (tx) => {
      const [sums] = await tx.$queryRaw<Sums[]>`
        SELECT
          coalesce(sum(p.captured), 0)::bigint AS captured,
          coalesce(sum(p.captured) FILTER (WHERE p.status = 'PAID' AND o.status = 'CONFIRMED'), 0)::bigint AS confirmed,
          coalesce(sum(p.refunded), 0)::bigint AS refunded,
          coalesce(sum(p.captured - p.refunded) FILTER (WHERE p.status = 'REFUNDING'
            OR (p.status = 'PAID' AND o.status IN ('PAYING', 'EXPIRED'))), 0)::bigint AS in_flight
        FROM payments p JOIN orders o ON o.id = p.order_id
        WHERE p.captured > 0`;
      const broken = await tx.$queryRaw<Ledger['broken']>`
        SELECT id AS "paymentId", order_id AS "orderId", why, captured FROM (
          SELECT p.id, p.order_id, p.captured, CASE
            WHEN p.status = 'REFUNDED' AND p.refunded <> p.captured THEN 'REFUND_DIFFERS'
            WHEN p.status <> 'REFUNDED' AND p.refunded <> 0 THEN 'REFUND_DIFFERS'
            WHEN p.captured > 0 AND p.status NOT IN ('PAID', 'REFUNDING', 'REFUNDED') THEN 'UNACCOUNTED'
            WHEN p.status = 'PAID' AND o.status NOT IN ('PAYING', 'EXPIRED', 'CONFIRMED') THEN 'UNACCOUNTED'
            WHEN p.captured > 0 AND effects.taken <> 1 THEN 'NO_EFFECT'
            WHEN p.status = 'PAID' AND o.status <> 'CONFIRMED'
              AND effects.since < now() - ${LIMITS.inFlight} * interval '1 ms' THEN 'LATE'
            WHEN p.status = 'REFUNDING' AND r.requested_at IS NULL THEN 'UNACCOUNTED'
            WHEN p.status = 'REFUNDING' AND r.requested_at < now() - ${LIMITS.inFlight} * interval '1 ms' THEN 'LATE'
          END AS why
          FROM payments p
          JOIN orders o ON o.id = p.order_id
          LEFT JOIN refunds r ON r.payment_id = p.id
          CROSS JOIN LATERAL (
            SELECT count(*) AS taken, max(e.created_at) AS since FROM payment_effects e
            WHERE e.provider = p.provider AND e.payment_id = p.id AND e.effect IN ('captured', 'undone')
              AND NOT (e.effect = 'undone' AND EXISTS (SELECT FROM payment_effects c
                WHERE c.provider = p.provider AND c.payment_id = p.id AND c.effect = 'captured'))
          ) AS effects
          WHERE p.captured > 0 OR p.status IN ('PAID', 'REFUNDING', 'REFUNDED')
        ) AS judged
        WHERE why IS NOT NULL ORDER BY id`;
      const brokenOrders = await tx.$queryRaw<Ledger['brokenOrders']>`
        SELECT id AS "orderId", why FROM (
          SELECT o.id, CASE
            WHEN paid.times > 1 THEN 'PAID_TWICE'
            WHEN o.status = 'CONFIRMED' AND paid.times + paid.back = 0 THEN 'NOT_PAID'
            WHEN o.status = 'PAYING' AND paid.times + paid.live = 0 THEN 'WAITS_FOR_NOTHING'
          END AS why
          FROM orders o CROSS JOIN LATERAL (
            SELECT
              count(*) FILTER (WHERE p.status = 'PAID') AS times,
              count(*) FILTER (WHERE p.status IN ('REFUNDING', 'REFUNDED')) AS back,
              count(*) FILTER (WHERE p.status IN ('REQUESTED', 'READY')) AS live
            FROM payments p WHERE p.order_id = o.id
          ) AS paid
          -- What was sold before there were holds has no payment here.
          WHERE o.hold_id IS NOT NULL AND o.status IN ('CONFIRMED', 'PAYING', 'EXPIRED', 'HELD')
        ) AS judged
        WHERE why IS NOT NULL ORDER BY id`;
      const twice = await tx.$queryRaw<{ seat_id: string }[]>`
        SELECT s.seat_id FROM order_seats s JOIN orders o ON o.id = s.order_id
        WHERE o.status = 'CONFIRMED' AND s.ticket_code IS NOT NULL
        GROUP BY s.seat_id HAVING count(*) > 1`;
      return {
        captured: Number(sums?.captured ?? 0),
        confirmed: Number(sums?.confirmed ?? 0),
        refunded: Number(sums?.refunded ?? 0),
        inFlight: Number(sums?.in_flight ?? 0),
        broken,
        brokenOrders,
        soldTwice: twice.map(({ seat_id }) => seat_id),
      };
    },
    // One snapshot for all of it: what moves meanwhile is in all of the figures, or in none.
    { isolationLevel: 'RepeatableRead' },
  );

/** Whether all that must hold does. */
export const holds = (ledger: Ledger): boolean =>
  ledger.captured === ledger.confirmed + ledger.refunded + ledger.inFlight &&
  ledger.broken.length + ledger.brokenOrders.length + ledger.soldTwice.length === 0;
