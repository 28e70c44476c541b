import type { OrderQuery, PageMeta } from '@doa-market/common/contracts';
import { pageMeta } from '@doa-market/common/contracts';
import type { NamedWrite } from '@doa-market/common/server';
import { type Database, databaseTime, type Transaction } from '../database.ts';
import type { Order, Prisma } from '../generated/prisma/client.ts';
import type { OrderStatus } from '../generated/prisma/enums.ts';
import { keyOfAnotherOrder, notInState } from './refusals.ts';
import { mayBecome } from './state.ts';
import { privateStatuses } from './status.ts';

const withParts = {
  items: { orderBy: { position: 'asc' } },
  seats: { orderBy: { position: 'asc' } },
  payments: { orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], include: { refund: true } },
} as const satisfies Prisma.OrderInclude;

/** An order with its lines, its seats and its payments, the latest first. */
export type WholeOrder = Prisma.OrderGetPayload<{ include: typeof withParts }>;

/** What a change writes beside the status. */
export type Changes = Omit<Prisma.OrderUncheckedUpdateManyInput, 'id' | 'status' | 'version'>;

export function createOrderRepository(database: Database) {
  /** @throws {ProblemError} 409 ORD_4090 where it is not as it was read any more */
  async function change(
    tx: Transaction,
    { id, version }: Pick<Order, 'id' | 'version'>,
    data: Prisma.OrderUncheckedUpdateManyInput,
  ): Promise<Order> {
    const [changed] = await tx.order.updateManyAndReturn({
      where: { id, version },
      data: { ...data, version: { increment: 1 } },
    });
    if (!changed) throw notInState();
    return changed;
  }

  return {
    /** With the time of the database, which decides what may be done to it. */
    async find(
      id: string,
      tx: Transaction = database,
    ): Promise<{ order: WholeOrder; now: Date } | undefined> {
      const order = await tx.order.findUnique({ where: { id }, include: withParts });
      return order ? { order, now: await databaseTime(tx) } : undefined;
    },

    /** The order that was made under this name. @throws {ProblemError} 422 where the name was for another request */
    async findByWrite({ subject, key, fingerprint }: NamedWrite): Promise<string | undefined> {
      const order = await database.order.findUnique({
        where: { memberId_idempotencyKey: { memberId: subject, idempotencyKey: key } },
        select: { id: true, fingerprint: true },
      });
      if (order && order.fingerprint !== fingerprint) throw keyOfAnotherOrder();
      return order?.id;
    },

    /** Whether an order that was made with this admission has not ended. */
    async hasOpen(admissionId: string): Promise<boolean> {
      const open: OrderStatus[] = ['HELD', 'PAYING', 'CONFIRMED'];
      const order = await database.order.findFirst({
        where: { admissionId, status: { in: open } },
        select: { id: true },
      });
      return order !== null;
    },

    /** One page of a member's orders, newest first. */
    async paginateByMember(
      memberId: string,
      { status, ...page }: OrderQuery,
    ): Promise<{ data: Order[]; meta: PageMeta }> {
      const where = { memberId, ...(status && { status: { in: privateStatuses(status) } }) };
      const [data, total] = await Promise.all([
        database.order.findMany({
          where,
          orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
          skip: (page.page - 1) * page.limit,
          take: page.limit,
        }),
        database.order.count({ where }),
      ]);
      return { data, meta: pageMeta(page, total) };
    },

    /** The order, which nobody else changes until the transaction ends; undefined where there is none. */
    async lock(tx: Transaction, id: string): Promise<Order | undefined> {
      await tx.$queryRaw`SELECT id FROM orders WHERE id = ${id}::uuid FOR UPDATE`;
      return (await tx.order.findUnique({ where: { id } })) ?? undefined;
    },

    /**
     * The order after it went to `to`, its version one higher.
     * @throws {ProblemError} 409 ORD_4090 where it may not, or is not as it was read any more
     */
    async transition(
      tx: Transaction,
      order: Pick<Order, 'id' | 'version' | 'status'>,
      to: OrderStatus,
      changes: Changes = {},
    ): Promise<Order> {
      if (!mayBecome(order.status, to)) throw notInState();
      return change(tx, order, { ...changes, status: to });
    },

    /** The order after something happened to it that is no change of its status, its version one higher. */
    touch: (tx: Transaction, order: Pick<Order, 'id' | 'version'>, changes: Changes = {}): Promise<Order> =>
      change(tx, order, changes),
  };
}
export type OrderRepository = ReturnType<typeof createOrderRepository>;
