import { pageMeta, type SearchResult } from '@doa-market/common/contracts';
import { withDescendants } from '../category/tree.ts';
import type { Ranked } from './candidate.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { expressionOf } from './expression.ts';
import { facetsOf } from './facets.ts';
import { type Filters, isFiltered, refusals } from './filters.ts';
import { createFinder, type Found, rank } from './find.ts';
import { indexAfter, inOrder, placeOf } from './order.ts';
import type { Category } from './query.ts';
import type { SearchRepository } from './repository.ts';
import type { SearchQuery } from './schemas.ts';

/**
 * Matches that are ranked, counted and paged through. A query that matches more shows the best sellers among them, and
 * the best sellers whose name has its words as they are; filters reach the others. So no query costs more than some
 * thousand rows.
 */
export const MOST = 1_000;
/** Besides those, products whose name has the words as they are, when there are more. */
const NAMED = 300;

export function createSearch(repository: SearchRepository) {
  /** Beyond MOST: what the best sellers leave out, but the filters or the name bring in. */
  async function widen({ words, products }: Found, filters: Filters): Promise<Ranked[]> {
    const expression = expressionOf(words);
    const more = await Promise.all([
      repository.listNamed(words, NAMED, filters),
      expression && isFiltered(filters)
        ? repository.listCandidates({ expression, atMost: MOST, filters })
        : [],
    ]);
    const known = new Set(products.map(({ id }) => id));
    const others = new Map(more.flat().flatMap((it) => (known.has(it.id) ? [] : [[it.id, it]])));
    return [...products, ...(await rank([...others.values()], words, repository))];
  }

  return async (query: SearchQuery): Promise<SearchResult> => {
    const { q, sort, page, limit, cursor } = query;
    const after = cursor === undefined ? undefined : decodeCursor(cursor, sort);
    const categories = await repository.listCategories();
    const filters = filtersOf(query, categories);
    const found = await createFinder(repository, categories)(q, MOST);
    const totalIsExact = found.candidates < MOST;
    const products = totalIsExact ? found.products : await widen(found, filters);
    const shown = inOrder(
      products.filter((it) => refusals(it, filters).length === 0),
      sort,
    );
    const start = after ? indexAfter(shown, after) : (page - 1) * limit;
    const onPage = shown.slice(start, start + limit);
    const last = onPage.at(-1);
    return {
      query: { text: q, interpretedAs: found.interpretedAs },
      data: await repository.listSummaries(onPage.map(({ id }) => id)),
      meta: {
        ...pageMeta({ page: after ? Math.floor(start / limit) + 1 : page, limit }, shown.length),
        totalIsExact,
        nextCursor: last && start + limit < shown.length ? encodeCursor(placeOf(last, sort)) : null,
      },
      facets: facetsOf(products, filters, categories),
    };
  };
}

function filtersOf(query: SearchQuery, categories: readonly Category[]): Filters {
  const chosen = categories.find(({ slug }) => slug === query.category);
  const within = chosen ? withDescendants(categories, chosen).map(({ id }) => id) : [];
  const options = new Map<string, string[]>();
  for (const option of query.option ?? []) {
    const [name = ''] = option.split(':', 1);
    options.set(name, [...(options.get(name) ?? []), option.slice(name.length + 1)]);
  }
  return {
    // A category that does not exist has no products.
    categoryIds: query.category === undefined ? undefined : within,
    minPrice: query.minPrice,
    maxPrice: query.maxPrice,
    minRating: query.minRating,
    inStock: query.inStock ?? false,
    options,
  };
}
