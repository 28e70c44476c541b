import type { ProductSummary } from '@doa-market/common/contracts';
import { shown } from '../category/tree.ts';
import type { Database } from '../database.ts';
import { Prisma } from '../generated/prisma/client.ts';
import { IS_LISTED, listOf, readSummaries } from '../product/summaries.ts';
import { type Candidate, type CandidateRow, toCandidate } from './candidate.ts';
import { nameExpressionOf, narrowed, pieces, TIER, textExpressionOf } from './expression.ts';
import type { Filters } from './filters.ts';
import type { Category, SearchedWord } from './query.ts';
import type { InText } from './score.ts';

interface Wanted {
  /** A tsquery with TIER before every term. */
  expression: string;
  atMost: number;
  filters?: Filters;
}

export function createSearchRepository(database: Database) {
  return {
    /** The best selling products that match, at most so many. */
    async listCandidates({ expression, atMost, filters }: Wanted): Promise<Candidate[]> {
      const query = filters ? narrowed(expression, filters) : expression;
      const options = filters && filters.options.size > 0 ? Object.fromEntries(filters.options) : null;
      // Without names of columns: they would be most of what a thousand rows weigh.
      const [row] = await database.$queryRaw<[{ candidates: CandidateRow[] }]>`
        SELECT coalesce(json_agg(json_build_array(
          product_id, name, brand, category_id, options, price, rating, in_stock, popularity,
          floor(extract(epoch FROM created_at) * 1000)
        )), '[]') AS candidates
        FROM search_candidates(
          ${query}, '{}', ${atMost}::int, ${filters?.categoryIds ?? null}::uuid[],
          ${filters?.minPrice ?? null}::int, ${filters?.maxPrice ?? null}::int,
          ${filters?.minRating ?? null}::numeric, ${filters?.inStock ?? false}::boolean,
          ${options && JSON.stringify(options)}::jsonb
        )`;
      return row.candidates.map(toCandidate);
    },

    /** The best selling products whose name has every word as it is. */
    listNamed(words: readonly SearchedWord[], atMost: number, filters: Filters): Promise<Candidate[]> {
      return this.listCandidates({ expression: nameExpressionOf(words), atMost, filters });
    },

    /** Of some products, for each word, whether options or description have it: it takes their terms off the disk. */
    async listInText(ids: readonly string[], words: readonly SearchedWord[]): Promise<Map<string, InText>> {
      const texts = words.map(textExpressionOf);
      const rows = await database.$queryRaw<{ id: string; inText: boolean[] }[]>`
        SELECT document.product_id AS id, ARRAY(
          SELECT document.terms @@ replace(word, ${TIER}, search_tier(document.popularity))::tsquery
          FROM unnest(${texts}::text[]) WITH ORDINALITY AS wanted (word, place) ORDER BY place
        ) AS "inText"
        FROM search_documents document WHERE document.product_id = ANY(${[...ids]}::uuid[])`;
      return new Map(rows.map(({ id, inText }) => [id, inText]));
    },

    /** The categories that shoppers see, in the order of the shop. */
    async listCategories(): Promise<Category[]> {
      const rows = await database.category.findMany({
        where: { deletedAt: null },
        orderBy: [{ position: 'asc' }, { id: 'asc' }],
        select: { id: true, slug: true, name: true, parentId: true, active: true },
      });
      return shown(rows);
    },

    /** Products as lists show them, in the order of `ids`; what is not listed any more is left out. */
    async listSummaries(ids: readonly string[]): Promise<ProductSummary[]> {
      const found = Prisma.sql`
        SELECT product.id FROM unnest(${[...ids]}::uuid[]) WITH ORDINALITY AS wanted (id, place)
        JOIN products product ON product.id = wanted.id
        WHERE ${IS_LISTED} ORDER BY wanted.place`;
      return (await readSummaries(database, listOf('found', found))).get('found') ?? [];
    },

    /** The slugs of products by their ids. */
    async listSlugs(ids: readonly string[]): Promise<Map<string, string>> {
      const rows = await database.product.findMany({
        where: { id: { in: [...ids] } },
        select: { id: true, slug: true },
      });
      return new Map(rows.map(({ id, slug }) => [id, slug]));
    },

    /** Brands of listed products in which a part of a word occurs, at most so many. */
    async listBrands(word: string, atMost: number): Promise<string[]> {
      const expression = word === '' ? undefined : pieces(word)?.replaceAll(TIER, '');
      if (!expression) return [];
      const rows = await database.$queryRaw<{ name: string }[]>`
        SELECT brand.name FROM search_brands brand
        WHERE brand.terms @@ ${expression}::tsquery
          AND EXISTS (SELECT FROM search_documents document WHERE document.brand = brand.name)
        LIMIT ${atMost}`;
      return rows.map(({ name }) => name);
    },

    /** Words of the catalogue that are typed with keys much like these, the likest first. */
    async listWordsLike(keys: string, atMost: number): Promise<{ word: string; keys: string }[]> {
      return database.$queryRaw<{ word: string; keys: string }[]>`
        SELECT word, keys FROM search_words ORDER BY keys <-> ${keys} LIMIT ${atMost}`;
    },

    /** Those of some words that the catalogue knows. */
    async listKnown(words: readonly string[]): Promise<Set<string>> {
      const rows = await database.searchWord.findMany({ where: { word: { in: [...words] } } });
      return new Set(rows.map(({ word }) => word));
    },
  };
}
export type SearchRepository = ReturnType<typeof createSearchRepository>;
