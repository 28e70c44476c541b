import type { OrderQuery, OrderSummary, PageMeta, Order as PublicOrder } from '@doa-market/common/contracts';
import type { Logger } from '@doa-market/common/logging';
import { type Database, databaseTime } from '../database.ts';
import type { Deliveries } from '../delivery/deliveries.ts';
import { durably } from '../steps.ts';
import { cancelForBuyer } from './cancel.ts';
import { isRefunded } from './cancellation.ts';
import { toOrder, toSummary } from './presentation.ts';
import { notInState, orderNotFound } from './refusals.ts';
import type { OrderRepository } from './repository.ts';

/** Who asks for an order, by the access token. */
export interface Reader {
  memberId: string;
  /** Administrators see all of them. */
  seesAll: boolean;
}

interface OrderServiceParts {
  database: Database;
  orders: OrderRepository;
  deliveries: Deliveries;
  logger: Logger;
}

export function createOrderService({ database, orders, deliveries, logger }: OrderServiceParts) {
  async function find(id: string, { memberId, seesAll }: Reader): Promise<PublicOrder> {
    const found = await orders.find(id);
    if (!found) throw orderNotFound();
    if (found.order.memberId !== memberId && !seesAll) throw orderOfAnother(id, memberId);
    return toOrder(found, deliveries);
  }

  /** That it is there is not for everybody to know; that somebody tried is for an operator. */
  function orderOfAnother(orderId: string, memberId: string) {
    logger.warn({ orderId, memberId }, "somebody asked for another member's order");
    return orderNotFound();
  }

  return {
    /** @throws {ProblemError} 404, also for another member's */
    find,

    async list(memberId: string, query: OrderQuery): Promise<{ data: OrderSummary[]; meta: PageMeta }> {
      const { data, meta } = await orders.paginateByMember(memberId, query);
      return { data: data.map(toSummary), meta };
    },

    /** May be repeated. @throws {ProblemError} 404, also for another member's; 409 ORD_4092 */
    async cancel(id: string, memberId: string): Promise<PublicOrder> {
      await durably('outbox', () =>
        database.$transaction(async (tx) => {
          const order = await orders.lock(tx, id);
          if (!order) throw orderNotFound();
          if (order.memberId !== memberId) throw orderOfAnother(id, memberId);
          await cancelForBuyer(tx, orders, order);
        }),
      );
      return find(id, { memberId, seesAll: false });
    },

    /** Goods have left: from now on they cannot be cancelled. May be repeated. @throws {ProblemError} 404, 409 ORD_4090 */
    async ship(id: string, memberId: string): Promise<PublicOrder> {
      await database.$transaction(async (tx) => {
        const order = await orders.lock(tx, id);
        if (!order) throw orderNotFound();
        if (order.shippedAt) return;
        const payments = await tx.payment.findMany({ where: { orderId: id } });
        const canShip = order.kind === 'GOODS' && order.status === 'CONFIRMED' && !isRefunded({ payments });
        if (!canShip) throw notInState();
        await tx.order.update({ where: { id }, data: { shippedAt: await databaseTime(tx) } });
      });
      return find(id, { memberId, seesAll: true });
    },
  };
}
export type OrderService = ReturnType<typeof createOrderService>;
