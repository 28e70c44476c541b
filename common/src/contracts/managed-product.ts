import { type Static, Type } from 'typebox';
import { DateTimeSchema, IdSchema, LineSchema, MoneySchema, SlugSchema } from './atoms.ts';
import { ImageSchema } from './catalogue.ts';

/** Products as those see and change them who sell them. */

export const MAX_OPTIONS = 3;
export const MAX_SKUS = 200;
export const MAX_PICTURES = 20;

export const ProductStatusSchema = Type.Enum(['DRAFT', 'ACTIVE', 'OUT_OF_STOCK', 'HIDDEN']);
export type ProductStatus = Static<typeof ProductStatusSchema>;

const strict = { additionalProperties: false };

/** What one thing may cost, KRW. */
export const PriceSchema = Type.Integer({
  minimum: 0,
  maximum: 1_000_000_000,
  description: 'KRW',
  examples: [39_000],
});

/** A picture that was uploaded before, by its address. */
export const PictureSchema = Type.Object(
  { url: ImageSchema.properties.url, alt: Type.String({ maxLength: 200, pattern: '^\\P{Cc}*$' }) },
  strict,
);
export type Picture = Static<typeof PictureSchema>;

export const UploadedImageSchema = Type.Omit(ImageSchema, ['alt']);
export type UploadedImage = Static<typeof UploadedImageSchema>;

const OptionValueSchema = LineSchema(50, '오트밀');
export const OptionSchema = Type.Object(
  { name: LineSchema(50, '색상'), values: Type.Array(OptionValueSchema, { minItems: 1, maxItems: 50 }) },
  strict,
);

const StockSchema = Type.Integer({ minimum: 0, maximum: 1_000_000, examples: [120] });
export const SkuCodeSchema = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,149}$',
  examples: ['LAMP-OAT-1'],
});

/** What is said of one combination of the options' values; the others stay as they are, or begin with nothing. */
export const SkuFactsSchema = Type.Object(
  {
    values: Type.Array(OptionValueSchema, {
      maxItems: MAX_OPTIONS,
      description: 'one value per option, in the order of the options',
    }),
    code: Type.Optional(SkuCodeSchema),
    price: Type.Optional(PriceSchema),
    onHand: Type.Optional(StockSchema),
  },
  strict,
);
export type SkuFacts = Static<typeof SkuFactsSchema>;

/** `POST /api/v1/products`: a SKU is made for each combination of the options' values, whether it is named or not. */
export const NewProductSchema = Type.Object(
  {
    slug: SlugSchema,
    name: LineSchema(200, '무드 테이블 램프'),
    brand: LineSchema(100, '도아리빙'),
    description: Type.String({ maxLength: 20_000, pattern: '^(?:\\P{Cc}|[\\n\\r\\t])*$' }),
    category: SlugSchema,
    price: PriceSchema,
    listPrice: Type.Optional(PriceSchema),
    status: Type.Optional(ProductStatusSchema),
    images: Type.Optional(Type.Array(PictureSchema, { maxItems: MAX_PICTURES })),
    options: Type.Optional(Type.Array(OptionSchema, { maxItems: MAX_OPTIONS })),
    skus: Type.Optional(Type.Array(SkuFactsSchema, { maxItems: MAX_SKUS })),
  },
  strict,
);
export type NewProduct = Static<typeof NewProductSchema>;

/** `PATCH /api/v1/products/:id`: what is not named stays. SKUs are named by their values. */
export const ProductChangesSchema = Type.Partial(NewProductSchema, { ...strict, minProperties: 1 });
export type ProductChanges = Static<typeof ProductChangesSchema>;

export const ManagedSkuSchema = Type.Object({
  id: IdSchema,
  code: SkuCodeSchema,
  values: Type.Array(Type.String()),
  price: MoneySchema,
  onHand: Type.Integer({ minimum: 0 }),
  held: Type.Integer({ minimum: 0, description: 'units of those on hand that orders have put by' }),
});

const SellerSchema = Type.Union([IdSchema, Type.Null()], { description: 'null is the market itself' });

/** A row of the list of one's own products. */
export const ManagedProductSummarySchema = Type.Object({
  id: IdSchema,
  slug: SlugSchema,
  sellerId: SellerSchema,
  status: ProductStatusSchema,
  version: Type.Integer({ minimum: 1, description: 'the ETag that a change has to name' }),
  name: Type.String(),
  brand: Type.String(),
  category: Type.Object({ slug: SlugSchema, name: Type.String() }),
  price: MoneySchema,
  listPrice: MoneySchema,
  discountRate: Type.Integer({ minimum: 0, maximum: 99 }),
  createdAt: DateTimeSchema,
  updatedAt: DateTimeSchema,
});
export type ManagedProductSummary = Static<typeof ManagedProductSummarySchema>;

export const ManagedProductSchema = Type.Interface([ManagedProductSummarySchema], {
  description: Type.String(),
  images: Type.Array(ImageSchema),
  options: Type.Array(OptionSchema),
  skus: Type.Array(ManagedSkuSchema),
});
export type ManagedProduct = Static<typeof ManagedProductSchema>;

/** `GET /api/v1/seller/products`: `nextCursor` is null on the last page. */
export const ManagedProductListSchema = Type.Object({
  data: Type.Array(ManagedProductSummarySchema),
  meta: Type.Object({
    limit: Type.Integer({ minimum: 1 }),
    nextCursor: Type.Union([Type.String(), Type.Null()]),
  }),
});
export type ManagedProductList = Static<typeof ManagedProductListSchema>;
