import {
  CART_LIMITS,
  type Cart,
  type CartPurchase,
  type NewCartItem,
  type SkuOffer,
} from '@doa-market/common/contracts';
import {
  conflict,
  invalidFields,
  notFound,
  ProblemError,
  preconditionFailed,
} from '@doa-market/common/errors';
import type { Catalogue, Found } from '../upstream/catalogue.ts';
import type { Merge } from './merge.ts';
import { toCart } from './presentation.ts';
import type { CartStore, Change, Outcome, Owner, StoredCart } from './store.ts';

/** A cart as it is answered, and the version that its ETag is made of. */
export interface VersionedCart {
  cart: Cart;
  version: string;
}

interface CartParts {
  store: CartStore;
  catalogue: Catalogue;
  merge: Merge;
}

/**
 * What a cart may hold is decided by the catalogue where it can be asked, and by the cart's own limits where it
 * cannot: a checkout looks again in any case.
 */
export function createCarts({ store, catalogue, merge }: CartParts) {
  async function present(stored: StoredCart, known?: Found<SkuOffer>): Promise<VersionedCart> {
    // A catalogue that was away a moment ago is not waited for a second time.
    const offers = known?.degraded ? known : await catalogue.offers(stored.lines.map(({ skuId }) => skuId));
    return { cart: toCart(stored, offers), version: stored.version };
  }

  return {
    async read(owner: Owner): Promise<VersionedCart> {
      const { cart, merges } = await store.read(owner);
      if (merges.length === 0) return present(cart);
      for (const guest of merges) await merge.resume(owner.id, guest);
      return present((await store.read(owner)).cart);
    },

    async add(owner: Owner, { skuId, quantity }: NewCartItem, change: Change): Promise<VersionedCart> {
      const offers = await catalogue.offers([skuId]);
      const limit = limitIn(offers, skuId);
      if (limit === undefined) throw invalidFields([{ field: 'skuId', message: 'is not sold' }]);
      const { outcome, cart } = await store.add(owner, skuId, quantity, limit, change);
      assertDone(outcome, limit);
      return present(cart, offers);
    },

    async set(owner: Owner, { skuId, quantity }: NewCartItem, change: Change): Promise<VersionedCart> {
      const offers = await catalogue.offers([skuId]);
      const limit = limitIn(offers, skuId) ?? 0;
      const { outcome, cart } = await store.set(owner, skuId, quantity, limit, change);
      assertDone(outcome, limit);
      return present(cart, offers);
    },

    async remove(owner: Owner, skuId: string, change: Change): Promise<VersionedCart> {
      const { outcome, cart } = await store.remove(owner, skuId, change);
      assertDone(outcome);
      return present(cart);
    },

    async clear(owner: Owner, change: Change): Promise<void> {
      const { outcome } = await store.clear(owner, change);
      assertDone(outcome);
    },

    /** What an order has bought is not in the cart any more, however often it says so. */
    async removePurchase(member: string, purchase: CartPurchase): Promise<void> {
      await store.takeOut(member, purchase);
    },

    async merge(member: Owner, guest: string): Promise<VersionedCart> {
      await merge.merge(member.id, guest);
      return present((await store.read(member)).cart);
    },
  };
}
export type Carts = ReturnType<typeof createCarts>;

/** How many units one line may have, or undefined for what is not sold. */
function limitIn(offers: Found<SkuOffer>, skuId: string): number | undefined {
  if (offers.degraded) return CART_LIMITS.quantity;
  const offer = offers.byId.get(skuId);
  if (!offer) return undefined;
  return offer.status === 'ACTIVE' ? Math.min(offer.stock, CART_LIMITS.quantity) : 0;
}

/** @throws {ProblemError} for a change that was not made. */
function assertDone(outcome: Outcome, limit = 0): void {
  if (outcome === 'STALE') throw preconditionFailed();
  if (outcome === 'REUSED') {
    throw new ProblemError(422, 'IDEM_4220', 'The idempotency key belongs to another request.');
  }
  if (outcome === 'ABSENT') throw notFound('The item');
  if (outcome === 'FULL') throw conflict(`A cart holds ${CART_LIMITS.lines} different items at most.`);
  if (outcome === 'LIMIT') throw conflict(limitReached(limit));
}

function limitReached(limit: number): string {
  if (limit === 0) return 'The item is sold out.';
  if (limit < CART_LIMITS.quantity) return `Only ${limit} of the item are left.`;
  return `A cart holds ${limit} of one item at most.`;
}
