import type { Delivery, Hold } from '@doa-market/common/contracts';
import type { NamedWrite } from '@doa-market/common/server';
import { type Database, isUniqueViolation, type Transaction } from '../database.ts';
import type { Deliveries } from '../delivery/deliveries.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { holdIsOver } from '../inventory/claim.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { recordEvent } from '../outbox/record.ts';
import type { Permits } from '../reservation/permits.ts';
import { durably } from '../steps.ts';
import { admissionInUse } from './refusals.ts';
import type { OrderRepository } from './repository.ts';
import { shortened } from './title.ts';

/** What is to be ordered, all of it in `hold`. */
export interface Draft {
  write: NamedWrite;
  kind: 'SEATS' | 'GOODS';
  title: string;
  /** KRW */
  amount: number;
  hold: Hold;
  items?: Omit<Prisma.OrderItemCreateManyOrderInput, 'position'>[];
  seats?: Omit<Prisma.OrderSeatCreateManyOrderInput, 'position'>[];
  event?: { id: string; startsAt: Date };
  /** Of the waiting room that led to it: who pays then needs a permit. */
  admissionId?: string | undefined;
  delivery?: Delivery;
}

interface CreationParts {
  database: Database;
  orders: OrderRepository;
  inventory: Inventory;
  permits: Permits;
  deliveries: Deliveries;
}

/** Makes orders of what is held: one for each name that a member gives. */
export function createOrders({ database, orders, inventory, permits, deliveries }: CreationParts) {
  async function insert(tx: Transaction, draft: Draft): Promise<string> {
    const { write, kind, amount, hold, items = [], seats = [], event, admissionId, delivery } = draft;
    const [row] = await tx.$queryRaw<{ id: string; now: Date }[]>`
      SELECT uuidv7()::text AS id, clock_timestamp() AS now`;
    if (!row) throw new Error('the database gives no id');
    const { id, now } = row;
    if (new Date(hold.expiresAt) <= now) throw holdIsOver();
    const order = await tx.order.create({
      data: {
        ...{ id, kind, amount, status: 'HELD', holdId: hold.id, holdExpiresAt: hold.expiresAt },
        ...{ memberId: write.subject, idempotencyKey: write.key, fingerprint: write.fingerprint },
        title: shortened(draft.title),
        ...(event && { eventId: event.id, eventStartsAt: event.startsAt }),
        ...(admissionId && permits.columnsOf({ id, admissionId }, now)),
        ...(delivery && { delivery: deliveries.seal(id, delivery) }),
        items: { createMany: { data: items.map((item, position) => ({ ...item, position })) } },
        seats: { createMany: { data: seats.map((seat, position) => ({ ...seat, position })) } },
      },
    });
    await recordEvent(tx, order, { eventType: 'order.held' });
    return id;
  }

  return {
    /**
     * The id of the order; of the one that is there, where it was asked for before, or at the same moment.
     * @throws {ProblemError} 409 INV_4091 where its hold is over; ORD_4093 where another order of the admission is open,
     * and then nothing is held any more
     */
    async create(draft: Draft): Promise<string> {
      try {
        return await durably('outbox', () => database.$transaction((tx) => insert(tx, draft)));
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        const earlier = await orders.findByWrite(draft.write);
        if (earlier) return earlier;
        await durably('compensate', () => inventory.release(draft.hold.id));
        throw admissionInUse();
      }
    },
  };
}
export type Orders = ReturnType<typeof createOrders>;
