import type { ProductDetail, ProductSummary } from '@doa-market/common/contracts';
import type { Catalogue } from '../upstream/catalogue.ts';

/** Best sellers of the product's own category, filled up with those of the whole shop. */
export async function loadRelated(
  catalogue: Catalogue,
  product: ProductDetail,
  count: number,
): Promise<ProductSummary[]> {
  const filter = { sort: 'popular', exclude: product.slug, limit: count } as const;
  const own = (await catalogue.products({ ...filter, category: product.categorySlug })).data;
  if (own.length >= count) return own;
  const others = (await catalogue.products({ ...filter, limit: 2 * count })).data;
  const known = new Set(own.map(({ id }) => id));
  return [...own, ...others.filter(({ id }) => !known.has(id))].slice(0, count);
}
