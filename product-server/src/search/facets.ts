import { PRICE_BANDS, RATING_STEPS, type SearchFacets } from '@doa-market/common/contracts';
import type { Candidate } from './candidate.ts';
import { type Filters, optionDimension, refusals } from './filters.ts';
import type { Category } from './query.ts';

/** Options and values that are worth a place beside a list. */
const MAX_OPTIONS = 8;
const MAX_VALUES = 20;

/**
 * How many products each choice of each filter would show. A filter's own choice does not count for its own facet,
 * so that the counts of the other choices stay true.
 */
export function facetsOf(
  candidates: readonly Candidate[],
  filters: Filters,
  categories: readonly Category[],
): SearchFacets {
  const seen = candidates.map((candidate) => ({ candidate, refused: refusals(candidate, filters) }));
  const shownBut = (dimension: string) =>
    seen
      .filter(({ refused }) => refused.length === 0 || (refused.length === 1 && refused[0] === dimension))
      .map(({ candidate }) => candidate);

  const byCategory = countBy(shownBut('category'), ({ categoryId }) => [categoryId]);
  const prices = shownBut('price');
  const ratings = shownBut('rating');
  return {
    categories: categories
      .map(({ id, slug, name }) => ({ slug, name, count: byCategory.get(id) ?? 0 }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count),
    prices: PRICE_BANDS.map(({ min, max }) => ({
      min,
      max,
      count: prices.filter(({ price }) => price >= min && (max === null || price <= max)).length,
    })),
    ratings: RATING_STEPS.map((min) => ({
      min,
      count: ratings.filter(({ rating }) => rating !== null && rating >= min).length,
    })),
    inStock: shownBut('inStock').filter(({ inStock }) => inStock).length,
    options: optionFacets(
      seen.map(({ candidate }) => candidate),
      shownBut,
    ),
  };
}

function optionFacets(all: readonly Candidate[], shownBut: (dimension: string) => Candidate[]) {
  const names = countBy(all, ({ options }) => Object.keys(options));
  return mostCounted(names, MAX_OPTIONS).flatMap(([name]) => {
    const values = countBy(shownBut(optionDimension(name)), ({ options }) => options[name] ?? []);
    if (values.size === 0) return [];
    return {
      name,
      values: mostCounted(values, MAX_VALUES).map(([value, count]) => ({ value, count })),
    };
  });
}

function countBy<T>(list: readonly T[], keysOf: (it: T) => readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const it of list) for (const key of new Set(keysOf(it))) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

const mostCounted = (counts: ReadonlyMap<string, number>, most: number): [string, number][] =>
  [...counts].sort(([a, countOfA], [b, countOfB]) => countOfB - countOfA || (a < b ? -1 : 1)).slice(0, most);
