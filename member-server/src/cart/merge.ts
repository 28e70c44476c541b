import { CART_LIMITS, type SkuOffer } from '@doa-market/common/contracts';
import type { Catalogue, Found } from '../upstream/catalogue.ts';
import type { CartStore, TakenCart } from './store.ts';

/**
 * A guest's cart becomes part of a member's. The two are in different cluster slots, so no script sees both:
 *
 * 1. intend: the member's side notes whose cart is about to be taken.
 * 2. take: the guest's cart is renamed to a record that names the member and cannot change any more. Of parallel
 *    merges one takes it, and the others find that record.
 * 3. apply: the lines are added, the note of 1 is removed, and a marker with guest and version is left, in one script;
 *    where the marker is already, nothing happens.
 * 4. drop: the record is removed, if it still is that version.
 *
 * Whoever is killed on the way leaves the record or the note of it: the next merge of that guest goes on from there,
 * and so does the next look at the member's cart. The marker lives longer than the record, so nothing counts twice.
 */
export function createMerge(store: CartStore, catalogue: Catalogue) {
  async function finish(guest: string, taken: TakenCart): Promise<void> {
    const offers = await catalogue.offers(taken.lines.map(({ skuId }) => skuId));
    await store.apply(guest, taken, (skuId) => limitIn(offers, skuId));
    await store.drop(guest, taken);
  }

  return {
    async merge(member: string, guest: string): Promise<void> {
      await store.intend(member, guest);
      // What an earlier merge has left behind comes first, then what the guest has now.
      for (let taken = await store.take(guest, member); taken; taken = await store.take(guest, member)) {
        await finish(guest, taken);
      }
    },
    /** Finishes what was begun, or removes the note of it; a cart that was not taken yet stays with its guest. */
    async resume(member: string, guest: string): Promise<void> {
      const taken = await store.take(guest);
      if (taken?.member === member) await finish(guest, taken);
      else await store.relinquish(member, guest);
    },
  };
}
export type Merge = ReturnType<typeof createMerge>;

/** Up to what is in stock. What has sold out comes along as one unit, so that the cart can say so. */
function limitIn(offers: Found<SkuOffer>, skuId: string): number {
  if (offers.degraded) return CART_LIMITS.quantity;
  const stock = offers.byId.get(skuId)?.stock ?? 0;
  return Math.min(Math.max(stock, 1), CART_LIMITS.quantity);
}
