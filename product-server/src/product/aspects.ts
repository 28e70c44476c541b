import type { ProductAspect } from '@doa-market/common/contracts';
import { sameValues } from './combinations.ts';
import type { ProductState, SkuState } from './state.ts';

const DETAILS = ['slug', 'name', 'brand', 'description', 'category'] as const;

const sameList = <T>(a: readonly T[], b: readonly T[], same: (a: T, b: T) => boolean): boolean =>
  a.length === b.length &&
  a.every((it, at) => {
    const other = b[at];
    return other !== undefined && same(it, other);
  });

const sameSkus = (a: ProductState, b: ProductState, same: (a: SkuState, b: SkuState) => boolean) =>
  sameList(a.skus, b.skus, (one, other) => one.id === other.id && same(one, other));

/** What of a product is another one in `next`: nothing where it stays as it is. */
export function changedAspects(current: ProductState, next: ProductState): ProductAspect[] {
  const sameDetails =
    DETAILS.every((name) => current[name] === next[name]) &&
    sameList(current.options, next.options, (a, b) => a.name === b.name && sameValues(a.values, b.values)) &&
    sameSkus(current, next, (a, b) => a.code === b.code);
  const samePrices =
    current.price === next.price &&
    current.listPrice === next.listPrice &&
    sameSkus(current, next, (a, b) => a.price === b.price);
  const samePictures = sameList(
    current.pictures,
    next.pictures,
    (a, b) => a.hash === b.hash && a.alt === b.alt,
  );
  const aspects: [ProductAspect, boolean][] = [
    ['details', !sameDetails],
    ['price', !samePrices],
    ['status', current.status !== next.status],
    ['stock', !sameSkus(current, next, (a, b) => a.onHand === b.onHand)],
    ['images', !samePictures],
  ];
  return aspects.flatMap(([aspect, changed]) => (changed ? [aspect] : []));
}

/** Whether it is another version: a change of the stock alone is not one. */
export const isNewVersion = (aspects: readonly ProductAspect[]): boolean =>
  aspects.some((aspect) => aspect !== 'stock');
