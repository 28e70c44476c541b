import {
  MoneySchema,
  PageQuerySchema,
  SearchSortSchema,
  SearchTextSchema,
  SlugSchema,
} from '@doa-market/common/contracts';
import { type Static, Type } from 'typebox';

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

export const SuggestionQuerySchema = Type.Object(
  { q: SearchTextSchema, limit: Type.Integer({ minimum: 1, maximum: 10, default: 8 }) },
  { additionalProperties: false },
);
export type SuggestionQuery = Static<typeof SuggestionQuerySchema>;
