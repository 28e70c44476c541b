import type { Purchase, PurchaseQuery } from '@doa-market/common/contracts';
import type { Database } from '../database.ts';

export function createPurchaseRepository(database: Database) {
  return {
    /** The member's latest order of the product that was paid and not given back. */
    async find({ memberId, productId }: PurchaseQuery): Promise<Purchase> {
      const order = await database.order.findFirst({
        where: {
          ...{ memberId, status: 'CONFIRMED', items: { some: { productId } } },
          // Until its money is back an order that was cancelled stays confirmed.
          OR: [{ payments: { some: { status: 'PAID' } } }, { payments: { none: { status: 'REFUNDING' } } }],
        },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        select: { createdAt: true },
      });
      return { purchased: order !== null, orderedAt: order?.createdAt.toISOString() ?? null };
    },
  };
}
export type PurchaseRepository = ReturnType<typeof createPurchaseRepository>;
