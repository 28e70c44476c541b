import {
  IdSchema,
  IdsParameter,
  ImageSchema,
  MAX_BATCH,
  PageQuerySchema,
  ProductDetailSchema,
  ProductStatusSchema,
  SlugSchema,
} from '@doa-market/common/contracts';
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
    cursor: Type.Optional(
      Type.String({
        maxLength: 300,
        pattern: '^[A-Za-z0-9_-]+$',
        description:
          'nextCursor of the page before, instead of `page`: a deep page costs what the first one costs',
      }),
    ),
  },
  { additionalProperties: false },
);
export type ProductQuery = Static<typeof ProductQuerySchema>;

export const ProductParamsSchema = Type.Object({
  // A slug's alphabet and length cover a UUID's.
  idOrSlug: SlugSchema,
});

/** What a seller sees of a product of their own that is not listed is answered in the same shape. */
export const ProductAnswerSchema = Type.Object({
  ...ProductDetailSchema.properties,
  status: ProductStatusSchema,
  image: Type.Optional(ImageSchema),
});

export const ManagedProductParamsSchema = Type.Object({ id: IdSchema });

export const ManagedProductQuerySchema = Type.Object(
  {
    cursor: Type.Optional({ ...IdSchema, description: 'nextCursor of the page before' }),
    limit: PageQuerySchema.properties.limit,
    status: Type.Optional(ProductStatusSchema),
  },
  { additionalProperties: false },
);
export type ManagedProductQuery = Static<typeof ManagedProductQuerySchema>;
