import { MAX_WISHES, type PageQuery, pageMeta, type Wishlist } from '@doa-market/common/contracts';
import { conflict, notFound } from '@doa-market/common/errors';
import type { Database } from '../database.ts';
import { lockMember } from '../member/lock.ts';
import type { Catalogue } from '../upstream/catalogue.ts';
import type { WishlistRepository } from './repository.ts';

interface Options {
  database: Database;
  wishes: WishlistRepository;
  catalogue: Catalogue;
}

export function createWishlistService({ database, wishes, catalogue }: Options) {
  return {
    async list(memberId: string, query: PageQuery): Promise<Wishlist> {
      const { wishes: page, total } = await wishes.paginate(memberId, query);
      const products = await catalogue.products(page.map(({ productId }) => productId));
      return {
        data: page.map(({ productId, createdAt }) => ({
          productId,
          addedAt: createdAt.toISOString(),
          product: products.byId.get(productId) ?? null,
        })),
        meta: pageMeta(query, total),
        degraded: products.degraded,
      };
    },

    /** A wish that is there already stays, whatever has become of its product. */
    async add(memberId: string, productId: string): Promise<void> {
      if (await wishes.has(memberId, productId)) return;
      const products = await catalogue.products([productId]);
      if (!products.degraded && !products.byId.has(productId)) throw notFound('The product');
      await database.$transaction(async (tx) => {
        await lockMember(memberId, tx);
        if ((await wishes.count(memberId, tx)) >= MAX_WISHES) {
          throw conflict(`A wishlist holds ${MAX_WISHES} products at most.`);
        }
        await wishes.add(memberId, productId, tx);
      });
    },

    remove: (memberId: string, productId: string): Promise<void> => wishes.remove(memberId, productId),
  };
}
export type WishlistService = ReturnType<typeof createWishlistService>;
