import type { Logger } from '@doa-market/common/logging';
import type { Metrics } from '@doa-market/common/metrics';
import type { Database } from '../database.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { OrderRepository } from '../order/repository.ts';
import { createBegin } from './begin.ts';
import { createConfirm } from './confirm.ts';
import { createGateway } from './create-gateway.ts';
import { createPaymentFigures } from './figures.ts';
import type { PortOneConfig } from './portone.ts';
import { createReconciliation } from './reconcile.ts';
import { createRefunds } from './refunds.ts';
import { createPaymentRepository } from './repository.ts';
import { createPaymentService } from './service.ts';
import { createSettle } from './settle.ts';
import { createWebhooks } from './webhook.ts';

interface PaymentParts {
  config: PortOneConfig & { NODE_ENV: string };
  database: Database;
  inventory: Inventory;
  orders: OrderRepository;
  metrics: Metrics;
  logger: Logger;
}

/** Everything about payments that the server needs. */
export function createPayments({ config, database, inventory, orders, metrics, logger }: PaymentParts) {
  const gateway = createGateway(config, metrics);
  const payments = createPaymentRepository(database, orders);
  const settle = createSettle({ database, gateway, orders, payments, logger });
  const begin = createBegin({ database, gateway, inventory, orders, payments, logger });
  const webhooks = createWebhooks({ database, gateway, settle, logger });
  const reconciliation = createReconciliation(database, settle, logger);
  createPaymentFigures(metrics, database);

  return {
    gateway,
    service: createPaymentService({ payments, begin, settle, logger }),
    webhooks,
    confirm: createConfirm({ database, inventory, logger }),
    refunds: createRefunds({ database, gateway, payments, logger }),
    reconcile: reconciliation.run,
    jobs: [
      { name: 'ask about payments', every: 2_000, run: reconciliation.run },
      { name: 'forget webhooks', every: 600_000, run: webhooks.sweep },
    ],
    close: gateway.close,
  };
}
export type Payments = ReturnType<typeof createPayments>;
