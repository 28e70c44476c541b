import type { SearchSuggestions } from '@doa-market/common/contracts';
import { createFinder } from './find.ts';
import { highlight } from './highlight.ts';
import { bestMatch, QUALITIES, readingOf } from './match.ts';
import { normalise } from './normalise.ts';
import { inOrder } from './order.ts';
import { type Category, wordsOf } from './query.ts';
import type { SearchRepository } from './repository.ts';
import type { SuggestionQuery } from './schemas.ts';

/** Best sellers among which the best matches are suggested, and brands that are looked at. */
const CANDIDATES = 60;
const BRANDS = 50;
const MAX_CATEGORIES = 3;
const MAX_BRANDS = 3;

export function createSuggestions(repository: SearchRepository) {
  return async ({ q, limit }: SuggestionQuery): Promise<SearchSuggestions> => {
    const categories = await repository.listCategories();
    const typed = wordsOf(q).join('');
    const [found, brandsTyped] = await Promise.all([
      createFinder(repository, categories)(q, CANDIDATES),
      repository.listBrands(typed, BRANDS),
    ]);
    const words = found.interpretedAs === null ? wordsOf(q) : found.words.map(({ text }) => text);
    const phrase = words.join('');
    const products = inOrder(found.products, 'relevance').slice(0, limit);
    const [slugs, brands] = await Promise.all([
      repository.listSlugs(products.map(({ id }) => id)),
      phrase === typed ? brandsTyped : repository.listBrands(phrase, BRANDS),
    ]);
    return {
      query: { text: q, interpretedAs: found.interpretedAs },
      products: products.flatMap(({ id, name, brand }) => {
        const slug = slugs.get(id);
        return slug ? { id, slug, brand, ...marked(name, words) } : [];
      }),
      categories: suggestedCategories(categories, phrase),
      brands: fitting(brands, (brand) => brand, phrase)
        .slice(0, MAX_BRANDS)
        .map((brand) => marked(brand, [phrase])),
    };
  };
}

const suggestedCategories = (categories: readonly Category[], phrase: string) =>
  fitting(categories, ({ name }) => name, phrase)
    .slice(0, MAX_CATEGORIES)
    .map(({ slug, name }) => ({ slug, ...marked(name, [phrase]) }));

/** A name as it is shown, and where it matches. */
function marked(name: string, words: readonly string[]) {
  const text = name.normalize('NFC');
  return { name: text, matches: highlight(text, words) };
}

/** Those whose name the phrase is part of, the best match first, among equals the shortest name. */
function fitting<T>(list: readonly T[], nameOf: (it: T) => string, phrase: string): T[] {
  if (phrase === '') return [];
  return list
    .flatMap((it) => {
      const match = bestMatch(readingOf(normalise(nameOf(it))), phrase);
      return match ? { it, quality: QUALITIES.indexOf(match.quality), length: nameOf(it).length } : [];
    })
    .sort((a, b) => a.quality - b.quality || a.length - b.length)
    .map(({ it }) => it);
}
