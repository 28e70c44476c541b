import { IdsParameter, MAX_BATCH, PageQuerySchema, SlugSchema } from '@doa-market/common/contracts';
import { type Static, Type } from 'typebox';

export const ProductSortSchema = Type.Enum(['popular', 'newest', 'discount', 'price-asc', 'price-desc'], {
  default: 'popular',
});

export const ProductQuerySchema = Type.Object(
  {
    ...PageQuerySchema.properties,
    category: Type.Optional(SlugSchema),
    sort: ProductSortSchema,
    discounted: Type.Optional(Type.Boolean({ description: 'only products below their list price' })),
    exclude: Type.Optional(SlugSchema),
    ids: Type.Optional(IdsParameter(MAX_BATCH)),
  },
  { additionalProperties: false },
);
export type ProductQuery = Static<typeof ProductQuerySchema>;

export const ProductParamsSchema = Type.Object({
  // A slug's alphabet and length cover a UUID's.
  idOrSlug: SlugSchema,
});
