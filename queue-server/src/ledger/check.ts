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
  /** Seats that two orders have tickets of. */
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

/** Seconds: of everything that there is. */
const EVER = 1e9;

/** Milliseconds that reading the books may take; a request has far less. */
const PATIENCE = 60_000;

/**
 * The books, in one snapshot of the database: what moves meanwhile is in all of the figures, or in none.
 * @param within seconds: only what has changed since, and what has not come to rest; all of it without
 */
export const check = (database: Database, within = EVER): Promise<Ledger> =>
  database.$transaction(
    async (tx) => {
      await tx.$executeRaw`SELECT set_config('statement_timeout', ${String(PATIENCE)}, true)`;
      const [sums] = await tx.$queryRaw<Sums[]>`
        SELECT
          coalesce(sum(p.captured), 0)::bigint AS captured,
          coalesce(sum(p.captured) FILTER (WHERE p.status = 'PAID' AND o.status = 'CONFIRMED'), 0)::bigint AS confirmed,
          coalesce(sum(p.refunded), 0)::bigint AS refunded,
          coalesce(sum(p.captured - p.refunded) FILTER (WHERE p.status = 'REFUNDING'
            OR (p.status = 'PAID' AND o.status IN ('PAYING', 'EXPIRED'))), 0)::bigint AS in_flight
        FROM payments p JOIN orders o ON o.id = p.order_id
        WHERE p.captured > 0 AND (p.status = 'REFUNDING' OR p.updated_at > now() - make_interval(secs => ${within})
          OR o.updated_at > now() - make_interval(secs => ${within}))`;
      const broken = await tx.$queryRaw<Ledger['broken']>`
        WITH effects AS (
          SELECT provider, payment_id, max(created_at) AS since,
            count(*) FILTER (WHERE effect = 'captured') AS captures, count(*) FILTER (WHERE effect = 'undone') AS undone
          FROM payment_effects WHERE effect IN ('captured', 'undone') GROUP BY provider, payment_id
        )
        SELECT id AS "paymentId", order_id AS "orderId", why, captured FROM (
          SELECT p.id, p.order_id, p.captured, CASE
            WHEN p.status = 'REFUNDED' AND p.refunded <> p.captured THEN 'REFUND_DIFFERS'
            WHEN p.status <> 'REFUNDED' AND p.refunded <> 0 THEN 'REFUND_DIFFERS'
            WHEN p.captured > 0 AND p.status NOT IN ('PAID', 'REFUNDING', 'REFUNDED') THEN 'UNACCOUNTED'
            WHEN p.status = 'PAID' AND o.status NOT IN ('PAYING', 'EXPIRED', 'CONFIRMED') THEN 'UNACCOUNTED'
            -- Money that an operator gave back before we had heard that it came was never captured here.
            WHEN p.captured > 0 AND coalesce(nullif(e.captures, 0), e.undone, 0) <> 1 THEN 'NO_EFFECT'
            WHEN p.status = 'PAID' AND o.status <> 'CONFIRMED'
              AND e.since < now() - ${LIMITS.inFlight} * interval '1 ms' THEN 'LATE'
            WHEN p.status = 'REFUNDING' AND r.requested_at IS NULL THEN 'UNACCOUNTED'
            WHEN p.status = 'REFUNDING' AND r.requested_at < now() - ${LIMITS.inFlight} * interval '1 ms' THEN 'LATE'
          END AS why
          FROM payments p
          JOIN orders o ON o.id = p.order_id
          LEFT JOIN refunds r ON r.payment_id = p.id
          LEFT JOIN effects e ON e.provider = p.provider AND e.payment_id = p.id
          WHERE (p.captured > 0 OR p.status IN ('PAID', 'REFUNDING', 'REFUNDED'))
            AND (p.status = 'REFUNDING' OR o.status <> 'CONFIRMED'
              OR p.updated_at > now() - make_interval(secs => ${within})
              OR o.updated_at > now() - make_interval(secs => ${within}))
        ) AS judged
        WHERE why IS NOT NULL ORDER BY id`;
      const brokenOrders = await tx.$queryRaw<Ledger['brokenOrders']>`
        WITH paid AS (
          SELECT order_id,
            count(*) FILTER (WHERE status = 'PAID') AS times,
            count(*) FILTER (WHERE status IN ('REFUNDING', 'REFUNDED')) AS back,
            count(*) FILTER (WHERE status IN ('REQUESTED', 'READY')) AS live
          FROM payments GROUP BY order_id
        )
        SELECT id AS "orderId", why FROM (
          SELECT o.id, CASE
            WHEN paid.times > 1 THEN 'PAID_TWICE'
            WHEN o.status = 'CONFIRMED' AND coalesce(paid.times + paid.back, 0) = 0 THEN 'NOT_PAID'
            WHEN o.status = 'PAYING' AND coalesce(paid.times + paid.live, 0) = 0 THEN 'WAITS_FOR_NOTHING'
          END AS why
          FROM orders o LEFT JOIN paid ON paid.order_id = o.id
          -- What was sold before there were holds has no payment here.
          WHERE o.hold_id IS NOT NULL AND o.status IN ('CONFIRMED', 'PAYING', 'EXPIRED', 'HELD')
            AND (o.status = 'PAYING' OR o.updated_at > now() - make_interval(secs => ${within}))
        ) AS judged
        WHERE why IS NOT NULL ORDER BY id`;
      const twice = await tx.$queryRaw<{ seat_id: string }[]>`
        SELECT DISTINCT s.seat_id FROM order_seats s JOIN orders o ON o.id = s.order_id
        WHERE o.status = 'CONFIRMED' AND s.ticket_code IS NOT NULL
          AND o.updated_at > now() - make_interval(secs => ${within})
          AND EXISTS (
            SELECT FROM order_seats other JOIN orders buyer ON buyer.id = other.order_id
            WHERE other.seat_id = s.seat_id AND other.order_id <> s.order_id
              AND other.ticket_code IS NOT NULL AND buyer.status = 'CONFIRMED')`;
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
    { isolationLevel: 'RepeatableRead', timeout: PATIENCE, maxWait: PATIENCE },
  );

/** Whether all that must hold does. */
export const holds = (ledger: Ledger): boolean =>
  ledger.captured === ledger.confirmed + ledger.refunded + ledger.inFlight &&
  ledger.broken.length + ledger.brokenOrders.length + ledger.soldTwice.length === 0;
