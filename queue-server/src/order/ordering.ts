import type { Logger } from '@doa-market/common/logging';
import { createCheckout } from '../checkout/service.ts';
import type { Config } from '../config.ts';
import { createLanes } from '../consumer/lanes.ts';
import type { Database } from '../database.ts';
import { createDeliveries } from '../delivery/deliveries.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { createPermits } from '../reservation/permits.ts';
import { createReservations } from '../reservation/service.ts';
import { createCatalogue } from '../upstream/catalogue.ts';
import type { Upstreams } from '../upstream/clients.ts';
import { createMembers } from '../upstream/members.ts';
import type { Grants } from '../waiting-room/grants.ts';
import { createOrders } from './creation.ts';
import type { OrderRepository } from './repository.ts';
import { createOrderService } from './service.ts';
import { expireOrders } from './sweeper.ts';

interface OrderingParts {
  config: Config;
  database: Database;
  orders: OrderRepository;
  inventory: Inventory;
  upstreams: Upstreams;
  grants: Grants;
  logger: Logger;
}

/** Everything by which orders are made, seen and ended by their buyers. */
export function createOrdering(parts: OrderingParts) {
  const { config, database, orders, inventory, upstreams, grants, logger } = parts;
  const permits = createPermits(config);
  const deliveries = createDeliveries(config);
  const catalogue = createCatalogue(upstreams.productServer);
  const members = createMembers(upstreams.memberServer);
  const creation = createOrders({ database, orders, inventory, permits, deliveries });
  const shared = { orders, creation, inventory, catalogue, deliveries, inTurn: createLanes() };

  return {
    service: createOrderService({ database, orders, deliveries, logger }),
    reservations: createReservations({ ...shared, grants, permits }),
    checkout: createCheckout({ ...shared, members }),
    jobs: [{ name: 'expire orders', every: 1_000, run: () => expireOrders(database) }],
  };
}
export type Ordering = ReturnType<typeof createOrdering>;
