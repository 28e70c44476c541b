import type { Mark } from '../consumer/handled.ts';
import { type Database, databaseTime } from '../database.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { OrderRepository, WholeOrder } from '../order/repository.ts';
import { recordEvent } from '../outbox/record.ts';
import { durably } from '../steps.ts';
import { type DueStep, dueSteps } from './due.ts';
import type { FollowUp } from './follow-up.ts';
import { createMarking, type Transact } from './marking.ts';
import { createSeller } from './sell.ts';
import { settleHold } from './settle.ts';

interface FulfilmentParts {
  database: Database;
  orders: OrderRepository;
  inventory: Inventory;
  refunds: {
    /** Gives the money of a payment back, as far as that is possible now. */
    carryOut(paymentId: string): Promise<'done' | 'pending'>;
  };
  followUp: FollowUp;
}

/** More rounds than any order needs: each ends at least one step. */
const ROUNDS = 8;

/**
 * Brings orders to their end. What there is to do follows from how an order is and from nothing else, and every step may
 * be repeated: so it matters neither who calls this, nor how often, nor where the last one was broken off.
 */
export function createFulfilment({ database, orders, inventory, refunds, followUp }: FulfilmentParts) {
  const sell = createSeller({ orders, inventory });

  /** Nobody has to look at it any more, if nothing happened to it meanwhile. */
  const rest = ({ id, version }: WholeOrder) =>
    database.order.updateMany({
      where: { id, version, advanceAt: { not: null } },
      data: { advanceAt: null, advanceTries: 0 },
    });

  const close = ({ id }: WholeOrder, transact: Transact) =>
    durably('outbox', () =>
      transact(async (tx) => {
        const order = await orders.lock(tx, id);
        if (!order || order.status === 'REFUNDED') return;
        const refunded = await orders.transition(tx, order, 'REFUNDED');
        await recordEvent(tx, refunded, { eventType: 'order.refunded' });
      }),
    );

  const note = ({ id }: WholeOrder, column: 'holdSettledAt' | 'followedUpAt', transact: Transact) =>
    transact(async (tx) => {
      await tx.order.update({ where: { id }, data: { [column]: await databaseTime(tx) } });
    });

  async function take(due: DueStep, order: WholeOrder, transact: Transact): Promise<'done' | 'pending'> {
    switch (due.step) {
      case 'sell':
        await sell(order, due.payment, transact);
        return 'done';
      case 'settle':
        if (order.holdId) await settleHold(inventory, order.holdId);
        await note(order, 'holdSettledAt', transact);
        return 'done';
      case 'refund':
        return refunds.carryOut(due.payment.id);
      case 'close':
        await close(order, transact);
        return 'done';
      case 'follow-up':
        await followUp(order);
        await note(order, 'followedUpAt', transact);
        return 'done';
    }
  }

  /** Tries each of them, whatever becomes of the others. @throws what the first one that failed threw */
  async function takeAll(due: DueStep[], order: WholeOrder, transact: Transact): Promise<boolean> {
    const failures: unknown[] = [];
    let isDone = true;
    for (const step of due) {
      try {
        if ((await take(step, order, transact)) === 'pending') isDone = false;
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return isDone;
  }

  return {
    /**
     * Does what is left to do of an order. `mark` is called in the transaction of the first effect, or in one of its own
     * where there is none. @throws {AlreadyHandled} where it says so, once all is done; what a step that failed threw
     */
    async advance(orderId: string, mark?: Mark): Promise<void> {
      const { transact, finish } = createMarking(database, mark);
      for (let round = 0; round < ROUNDS; round += 1) {
        const found = await orders.find(orderId);
        const due = found ? dueSteps(found.order) : [];
        if (found && due.length === 0) await rest(found.order);
        if (!found || due.length === 0) break;
        if (!(await takeAll(due, found.order, transact))) break;
      }
      await finish();
    },
  };
}
export type Fulfilment = ReturnType<typeof createFulfilment>;
