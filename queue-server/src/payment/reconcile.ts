import type { Logger } from '@doa-market/common/logging';
import type { Database } from '../database.ts';
import { LIMITS } from './limits.ts';
import type { Settle } from './settle.ts';

/** Payments that one run asks about, all of them at once. */
const BATCH = 10;
/** Seconds after which another process asks, where the one that was going to has gone. */
const LEASE = 60;

/**
 * Asks the gateway about payments that nobody has told us of: the buyer never came back, the webhook was lost, this
 * server was not there. Any number of processes share the work.
 */
export function createReconciliation(database: Database, settle: Settle, logger: Logger) {
  /** Refunds have a time of their own in the same column, and somebody else who looks at it. */
  const claim = (): Promise<{ id: string }[]> => database.$queryRaw`
    UPDATE payments SET ask_again_at = now() + ${LEASE} * interval '1 second', updated_at = now()
    WHERE id IN (
      SELECT id FROM payments
      WHERE captured = 0 AND (ask_again_at <= now() OR (ask_again_at IS NULL
        AND status IN ('REQUESTED', 'READY') AND expires_at < now() - ${LIMITS.giveUp} * interval '1 ms'))
      ORDER BY ask_again_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
    RETURNING id`;

  return {
    /** @returns how many were asked about */
    async run(): Promise<number> {
      const due = await claim();
      const ask = async ({ id }: { id: string }) => {
        try {
          await settle(id);
          return true;
        } catch (error) {
          logger.warn({ paymentId: id, err: error }, 'nothing is known of a payment yet');
          return false;
        }
      };
      const answers = await Promise.all(due.map(ask));
      return answers.filter(Boolean).length;
    },
  };
}
