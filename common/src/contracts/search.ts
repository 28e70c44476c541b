import { type Static, Type } from 'typebox';
import { IdSchema, MoneySchema, PageMetaSchema, PageQuerySchema, SlugSchema } from './atoms.ts';
import { ProductSummarySchema } from './catalogue.ts';

/** What a search takes; a query is what a shopper types, so its length has a bound. */
export const SearchTextSchema = Type.String({ minLength: 1, maxLength: 100, examples: ['무선 이어폰'] });

export const SearchSortSchema = Type.Enum(
  ['relevance', 'popular', 'new', 'price-asc', 'price-desc', 'rating'],
  {
    default: 'relevance',
  },
);
export type SearchSort = Static<typeof SearchSortSchema>;

/** `GET /api/v1/search`, and `/api/search` for shoppers */
export const SearchQuerySchema = Type.Object(
  {
    q: SearchTextSchema,
    category: Type.Optional(SlugSchema),
    minPrice: Type.Optional(MoneySchema),
    maxPrice: Type.Optional(MoneySchema),
    minRating: Type.Optional(Type.Number({ minimum: 0, maximum: 5 })),
    inStock: Type.Optional(Type.Boolean({ description: 'only what can be bought now' })),
    option: Type.Optional(
      Type.Array(Type.String({ pattern: '^[^:]+:.+$', maxLength: 100, examples: ['색상:차콜'] }), {
        maxItems: 20,
        description: 'a value of an option; of one option any of them, of several options one of each',
      }),
    ),
    sort: SearchSortSchema,
    ...PageQuerySchema.properties,
    cursor: Type.Optional(
      Type.String({
        maxLength: 300,
        pattern: '^[A-Za-z0-9_-]+$',
        description: 'nextCursor of the page before, instead of `page`',
      }),
    ),
  },
  { additionalProperties: false },
);
export type SearchQuery = Static<typeof SearchQuerySchema>;

/** `GET /api/v1/search/suggestions`, and `/api/search/suggest` for shoppers */
export const SuggestionQuerySchema = Type.Object(
  { q: SearchTextSchema, limit: Type.Integer({ minimum: 1, maximum: 10, default: 8 }) },
  { additionalProperties: false },
);
export type SuggestionQuery = Static<typeof SuggestionQuerySchema>;

/** The ranges that prices are counted in, both ends inclusive, as minPrice and maxPrice take them. */
export const PRICE_BANDS: readonly { min: number; max: number | null }[] = [
  { min: 0, max: 9_999 },
  { min: 10_000, max: 29_999 },
  { min: 30_000, max: 49_999 },
  { min: 50_000, max: 99_999 },
  { min: 100_000, max: 299_999 },
  { min: 300_000, max: null },
];
export const RATING_STEPS: readonly number[] = [4.5, 4, 3.5, 3];

const CountSchema = Type.Integer({ minimum: 0 });

export const SearchFacetsSchema = Type.Object({
  categories: Type.Array(Type.Object({ slug: SlugSchema, name: Type.String(), count: CountSchema })),
  prices: Type.Array(
    Type.Object({ min: MoneySchema, max: Type.Union([MoneySchema, Type.Null()]), count: CountSchema }),
  ),
  ratings: Type.Array(Type.Object({ min: Type.Number(), count: CountSchema })),
  inStock: CountSchema,
  options: Type.Array(
    Type.Object({
      name: Type.String(),
      values: Type.Array(Type.Object({ value: Type.String(), count: CountSchema })),
    }),
  ),
});
export type SearchFacets = Static<typeof SearchFacetsSchema>;

const InterpretedAsSchema = Type.Union([Type.String(), Type.Null()], {
  description: 'what was searched for instead, where nothing has been found for the query as it was typed',
});

export const SearchResultSchema = Type.Object({
  query: Type.Object({ text: Type.String(), interpretedAs: InterpretedAsSchema }),
  data: Type.Array(ProductSummarySchema),
  meta: Type.Interface([PageMetaSchema], {
    totalIsExact: Type.Boolean({
      description: 'false where there are more: total and counts are the least there are',
    }),
    nextCursor: Type.Union([Type.String(), Type.Null()], { description: 'null on the last page' }),
  }),
  facets: SearchFacetsSchema,
});
export type SearchResult = Static<typeof SearchResultSchema>;

const MatchesSchema = Type.Array(
  Type.Object({ start: Type.Integer({ minimum: 0 }), length: Type.Integer({ minimum: 1 }) }),
  { description: 'the parts of the name that match, in UTF-16 code units' },
);

export const SearchSuggestionsSchema = Type.Object({
  query: Type.Object({ text: Type.String(), interpretedAs: InterpretedAsSchema }),
  products: Type.Array(
    Type.Object({
      id: IdSchema,
      slug: SlugSchema,
      name: Type.String(),
      brand: Type.String(),
      matches: MatchesSchema,
    }),
  ),
  categories: Type.Array(Type.Object({ slug: SlugSchema, name: Type.String(), matches: MatchesSchema })),
  brands: Type.Array(Type.Object({ name: Type.String(), matches: MatchesSchema })),
});
export type SearchSuggestions = Static<typeof SearchSuggestionsSchema>;
