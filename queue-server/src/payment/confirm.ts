import { ProblemError } from '@doa-market/common/errors';
import type { Logger } from '@doa-market/common/logging';
import type { Database } from '../database.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { GatewayNotice } from './gateway.ts';
import { LIMITS } from './limits.ts';

interface ConfirmParts {
  database: Database;
  inventory: Inventory;
  logger: Logger;
}

/** What the buyer reads where the gateway was told not to capture. */
const REFUSALS = {
  notLive: '결제할 수 없는 주문이에요. 주문 내역을 확인해 주세요.',
  holdLost: '선점 시간이 지나 결제하지 않았어요. 다시 주문해 주세요.',
} as const;

/**
 * The gateway's last question before it captures: whether this payment is still the one that its order waits for, of this
 * amount, in time, and whether what it is for is still held. A yes keeps both for as long as the capture may take.
 */
export function createConfirm({ database, inventory, logger }: ConfirmParts) {
  /** The fence and what it guards in one statement: a payment that was given up meanwhile is not found by it. */
  async function pass(paymentId: string, amount: number): Promise<string | undefined> {
    const [fenced] = await database.$queryRaw<{ hold_id: string }[]>`
      UPDATE payments SET
        expires_at = greatest(payments.expires_at, now() + ${LIMITS.capture} * interval '1 ms'),
        updated_at = now()
      FROM orders
      WHERE payments.id = ${paymentId}::uuid AND payments.status IN ('REQUESTED', 'READY')
        AND payments.amount = ${amount} AND payments.expires_at > now()
        AND orders.id = payments.order_id AND orders.status = 'PAYING' AND orders.hold_id IS NOT NULL
      RETURNING orders.hold_id`;
    return fenced?.hold_id;
  }

  /**
   * @returns why not, in words for the buyer; undefined for a yes
   * @throws {UpstreamError} where nobody knows what is held: the gateway does not capture then either
   */
  return async function confirm({ paymentId, amount }: GatewayNotice): Promise<string | undefined> {
    if (paymentId === null || amount === null) return REFUSALS.notLive;
    const holdId = await pass(paymentId, amount);
    if (holdId === undefined) {
      logger.warn({ paymentId, amount }, 'a capture was refused: the payment is not to be paid any more');
      return REFUSALS.notLive;
    }
    try {
      const hold = await inventory.extend(holdId, (LIMITS.capture + LIMITS.holdMargin) / 1_000);
      await database.$executeRaw`
        UPDATE orders SET hold_expires_at = ${hold.expiresAt}::timestamptz, updated_at = now()
        WHERE hold_id = ${holdId}::uuid AND status = 'PAYING'`;
      return undefined;
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      logger.warn({ paymentId, holdId, code: error.code }, 'a capture was refused: nothing is held for it');
      return REFUSALS.holdLost;
    }
  };
}
