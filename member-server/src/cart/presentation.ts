import type { Cart, CartLine, CartLineStatus, SkuOffer } from '@doa-market/common/contracts';
import type { Found } from '../upstream/catalogue.ts';
import type { StoredCart, StoredLine } from './store.ts';

/** The cart with what its lines are and cost at this moment. */
export function toCart(cart: StoredCart, offers: Found<SkuOffer>): Cart {
  const lines = cart.lines.map((line) => toLine(line, offers));
  return {
    lines,
    totals: {
      quantity: lines.reduce((sum, { quantity }) => sum + quantity, 0),
      amount: offers.degraded ? null : lines.reduce((sum, { amount }) => sum + (amount ?? 0), 0),
    },
    degraded: offers.degraded,
  };
}

function toLine({ skuId, quantity, added }: StoredLine, offers: Found<SkuOffer>): CartLine {
  const offer = offers.byId.get(skuId) ?? null;
  const status = offers.degraded ? 'UNKNOWN' : statusOf(offer, quantity);
  const sold = status === 'AVAILABLE' || status === 'SHORT';
  return {
    skuId,
    quantity,
    addedAt: new Date(added / 1_000).toISOString(),
    status,
    offer,
    amount: offer && sold ? offer.price * quantity : null,
  };
}

function statusOf(offer: SkuOffer | null, quantity: number): CartLineStatus {
  if (!offer) return 'GONE';
  if (offer.status === 'OUT_OF_STOCK') return 'SOLD_OUT';
  return offer.stock < quantity ? 'SHORT' : 'AVAILABLE';
}
