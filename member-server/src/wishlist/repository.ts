import type { PageQuery } from '@doa-market/common/contracts';
import type { Database, Transaction } from '../database.ts';

export interface Wish {
  productId: string;
  createdAt: Date;
}

export function createWishlistRepository(database: Database) {
  return {
    /** The latest first; those of one moment by id, so that pages never overlap. */
    async paginate(memberId: string, { page, limit }: PageQuery): Promise<{ wishes: Wish[]; total: number }> {
      const where = { memberId, member: { status: 'ACTIVE' as const } };
      const [wishes, total] = await Promise.all([
        database.wishlistItem.findMany({
          where,
          orderBy: [{ createdAt: 'desc' }, { productId: 'asc' }],
          skip: (page - 1) * limit,
          take: limit,
        }),
        database.wishlistItem.count({ where }),
      ]);
      return { wishes, total };
    },

    async has(memberId: string, productId: string): Promise<boolean> {
      return (await database.wishlistItem.count({ where: { memberId, productId } })) > 0;
    },

    count: (memberId: string, tx: Transaction): Promise<number> =>
      tx.wishlistItem.count({ where: { memberId } }),

    async add(memberId: string, productId: string, tx: Transaction): Promise<void> {
      await tx.wishlistItem.createMany({ data: { memberId, productId }, skipDuplicates: true });
    },

    async remove(memberId: string, productId: string): Promise<void> {
      await database.wishlistItem.deleteMany({ where: { memberId, productId } });
    },
  };
}
export type WishlistRepository = ReturnType<typeof createWishlistRepository>;
