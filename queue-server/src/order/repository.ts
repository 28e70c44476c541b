import { type OrderSummary, type PageMeta, type PageQuery, pageMeta } from '@doa-market/common/contracts';
import type { Database } from '../database.ts';
import { publicStatus } from './status.ts';

export function createOrderRepository(database: Database) {
  return {
    /** One page of a member's orders, newest first. */
    async paginateByMember(
      memberId: string,
      query: PageQuery,
    ): Promise<{ data: OrderSummary[]; meta: PageMeta }> {
      const where = { memberId };
      const [rows, total] = await Promise.all([
        database.order.findMany({
          where,
          orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
          skip: (query.page - 1) * query.limit,
          take: query.limit,
        }),
        database.order.count({ where }),
      ]);
      const data = rows.map(({ id, kind, status, title, amount, createdAt }) => ({
        id,
        kind,
        status: publicStatus(status),
        title,
        amount,
        createdAt: createdAt.toISOString(),
      }));
      return { data, meta: pageMeta(query, total) };
    },
  };
}
export type OrderRepository = ReturnType<typeof createOrderRepository>;
