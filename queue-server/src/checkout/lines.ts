import {
  type Hold,
  MAX_ORDER_AMOUNT,
  type NewOrder,
  type SkuOffer,
  type UnavailableItem,
} from '@doa-market/common/contracts';
import { invalidFields, ProblemError } from '@doa-market/common/errors';
import { priceChanged } from '../order/refusals.ts';
import { shortened } from '../order/title.ts';

/** A line of an order, at the price of one in KRW. */
export interface Line {
  skuId: string;
  productId: string;
  title: string;
  quantity: number;
  unitPrice: number;
}

/** The lines that are asked for, as they are sold now. @throws {ProblemError} 409 INV_4090 for what is not, 422 */
export function linesOf(items: NewOrder['items'], offers: ReadonlyMap<string, SkuOffer>): Line[] {
  if (new Set(items.map(({ skuId }) => skuId)).size < items.length) {
    throw invalidFields([{ field: 'items', message: 'must name each SKU once' }]);
  }
  const gone: UnavailableItem[] = [];
  const lines = items.flatMap(({ skuId, quantity }) => {
    const offer = offers.get(skuId);
    if (!offer || offer.stock < quantity) gone.push({ id: skuId, available: offer?.stock ?? 0 });
    if (!offer) return [];
    return [{ skuId, quantity, productId: offer.product.id, title: titleOf(offer), unitPrice: offer.price }];
  });
  if (gone.length > 0) {
    throw new ProblemError(409, 'INV_4090', 'Not all of it is available.', { unavailable: gone });
  }
  return lines;
}

/** What they cost, once that is what the buyer has seen. @throws {ProblemError} 409 ORD_4091, 422 for what nobody could pay */
export function amountOf(lines: readonly Line[], seen: number): number {
  const amount = lines.reduce((sum, { unitPrice, quantity }) => sum + unitPrice * quantity, 0);
  if (amount === 0)
    throw invalidFields([{ field: 'items', message: 'cost nothing, so there is nothing to order' }]);
  if (amount > MAX_ORDER_AMOUNT) {
    throw invalidFields([
      { field: 'items', message: `must not cost more than ${MAX_ORDER_AMOUNT} won in all` },
    ]);
  }
  if (amount !== seen) throw priceChanged();
  return amount;
}

/** The lines at the prices that the hold has put down: they alone are what is charged. */
export function atPricesOf(hold: Hold, lines: readonly Line[]): Line[] {
  const prices = new Map(hold.items.map(({ skuId, price }) => [skuId, price]));
  return lines.map((line) => ({ ...line, unitPrice: prices.get(line.skuId) ?? line.unitPrice }));
}

/** `무드 테이블 램프 외 2건` */
export function titleOfAll(lines: readonly Line[]): string {
  const [first] = lines;
  if (!first) return '';
  return lines.length === 1 ? first.title : `${first.title} 외 ${lines.length - 1}건`;
}

function titleOf({ product, values }: SkuOffer): string {
  const title = values.length > 0 ? `${product.name} · ${values.join(' / ')}` : product.name;
  return shortened(title);
}
