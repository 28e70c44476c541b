import { IdSchema } from '@doa-market/common/contracts';
import type { Logger } from '@doa-market/common/logging';
import { Value } from 'typebox/value';
import type { Database, Transaction } from '../database.ts';
import type { GatewayNotice, PaymentGateway } from './gateway.ts';
import { LIMITS } from './limits.ts';
import type { Settle } from './settle.ts';

interface WebhookParts {
  database: Database;
  gateway: PaymentGateway;
  settle: Settle;
  logger: Logger;
}

/** That the buyer has the page before them: nothing follows from it, and every payment has it. */
const TELLS_NOTHING = 'Transaction.Ready';

/** Deliveries that one statement forgets. */
const SWEEP_SIZE = 1_000;

/** Takes what the gateway tells of by itself, each webhook once: in the transaction of what follows from it. */
export function createWebhooks({ database, gateway, settle, logger }: WebhookParts) {
  const { provider } = gateway;

  const wasTaken = async (webhookId: string): Promise<boolean> =>
    (await database.webhookDelivery.count({ where: { provider, webhookId } })) > 0;

  const take = async (tx: Transaction, webhookId: string): Promise<boolean> =>
    (await tx.webhookDelivery.createMany({ data: { provider, webhookId }, skipDuplicates: true })).count > 0;

  return {
    /** @throws {UpstreamError} where the gateway does not say what has become of the payment: it shall come again */
    async receive({ webhookId, type, paymentId }: GatewayNotice): Promise<void> {
      if (paymentId === null || !Value.Check(IdSchema, paymentId)) {
        logger.warn({ webhookId, type }, 'a webhook about nothing of ours');
        return;
      }
      if (type === TELLS_NOTHING || (await wasTaken(webhookId))) return;
      await settle(paymentId, { step: 'webhook', first: (tx) => take(tx, webhookId) });
    },

    /** Forgets those that the gateway does not repeat any more. @returns how many */
    async sweep(): Promise<number> {
      return database.$executeRaw`
        DELETE FROM webhook_deliveries WHERE (provider, webhook_id) IN (
          SELECT provider, webhook_id FROM webhook_deliveries
          WHERE received_at < now() - ${LIMITS.webhooks} * interval '1 ms'
          ORDER BY received_at LIMIT ${SWEEP_SIZE} FOR UPDATE SKIP LOCKED)`;
    },
  };
}
