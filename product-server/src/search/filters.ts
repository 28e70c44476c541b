import type { Candidate } from './candidate.ts';

/** What a shopper narrows a search by. What is undefined or empty lets everything through. */
export interface Filters {
  /** The chosen category and those below it. */
  categoryIds: readonly string[] | undefined;
  /** KRW, inclusive */
  minPrice: number | undefined;
  maxPrice: number | undefined;
  minRating: number | undefined;
  inStock: boolean;
  /** Of each option any of the values. */
  options: ReadonlyMap<string, readonly string[]>;
}

/** What a filter is of; options each have their own. */
export type Dimension = 'category' | 'price' | 'rating' | 'inStock' | `option:${string}`;

export const optionDimension = (name: string): Dimension => `option:${name}`;

/** The filters that do not let a candidate through. */
export function refusals(candidate: Candidate, filters: Filters): Dimension[] {
  const { categoryIds, minPrice = 0, maxPrice = Number.POSITIVE_INFINITY, minRating } = filters;
  const refused: Dimension[] = [];
  if (categoryIds && !categoryIds.includes(candidate.categoryId)) refused.push('category');
  if (candidate.price < minPrice || candidate.price > maxPrice) refused.push('price');
  if (minRating !== undefined && (candidate.rating ?? -1) < minRating) refused.push('rating');
  if (filters.inStock && !candidate.inStock) refused.push('inStock');
  for (const [name, values] of filters.options) {
    if (!candidate.options[name]?.some((value) => values.includes(value)))
      refused.push(optionDimension(name));
  }
  return refused;
}

export const isFiltered = ({
  categoryIds,
  minPrice,
  maxPrice,
  minRating,
  inStock,
  options,
}: Filters): boolean =>
  inStock || options.size > 0 || [categoryIds, minPrice, maxPrice, minRating].some((it) => it !== undefined);
