import { type Static, Type } from 'typebox';
import { ColorSchema, DateTimeSchema, IdSchema, MoneySchema, PageMetaSchema, SlugSchema } from './atoms.ts';

/** Widths in CSS pixels that an image is rendered at, where the original is that wide. */
export const IMAGE_WIDTHS = [160, 320, 640, 960, 1920] as const;
export const IMAGE_FORMATS = ['avif', 'webp'] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

/**
 * An image by its content: `url` is a base, the files are `{url}/{width}.{avif|webp}` for every width of
 * IMAGE_WIDTHS up to `width`. The base names the content's hash, so a file never changes.
 */
export const ImageSchema = Type.Object({
  url: Type.String({
    pattern: '^/api/v1/images/[0-9a-f]{32}$',
    examples: ['/api/v1/images/9b4d2f1a8c5e7d900199f3a06f2e7c31'],
  }),
  alt: Type.String({ maxLength: 200 }),
  width: Type.Integer({ minimum: 1 }),
  height: Type.Integer({ minimum: 1 }),
  color: ColorSchema,
});
export type Image = Static<typeof ImageSchema>;

const categoryFacts = {
  id: IdSchema,
  slug: SlugSchema,
  name: Type.String(),
  description: Type.String(),
  image: ImageSchema,
  productCount: Type.Integer({ minimum: 0, description: 'with those of the categories in it' }),
};
const LeafCategorySchema = Type.Object(categoryFacts);
const BranchCategorySchema = Type.Object({
  ...categoryFacts,
  children: Type.Optional(Type.Array(LeafCategorySchema)),
});

/** With the categories in it, and those in them: where there are none, there is no `children`. */
export const CategorySchema = Type.Object({
  ...categoryFacts,
  children: Type.Optional(Type.Array(BranchCategorySchema)),
});
export type Category = Static<typeof CategorySchema>;

export const BannerSchema = Type.Object({
  id: IdSchema,
  title: Type.String(),
  subtitle: Type.String(),
  label: Type.String(),
  // A path of our own and nothing else: a banner must never be a way out to another host.
  href: Type.String({ pattern: '^/(?!/)[^\\\\]*$', maxLength: 300, examples: ['/products/mood-table-lamp'] }),
  image: ImageSchema,
  theme: Type.Object({ background: ColorSchema, foreground: ColorSchema }),
});
export type Banner = Static<typeof BannerSchema>;

export const ProductBadgeSchema = Type.Enum(['BEST', 'NEW', 'DEAL']);
export const ListedStatusSchema = Type.Enum(['ACTIVE', 'OUT_OF_STOCK']);

export const ProductSummarySchema = Type.Object({
  id: IdSchema,
  slug: SlugSchema,
  name: Type.String(),
  brand: Type.String(),
  price: MoneySchema,
  listPrice: MoneySchema,
  discountRate: Type.Integer({ minimum: 0, maximum: 99, description: 'percent off the list price' }),
  rating: Type.Union([Type.Number({ minimum: 0, maximum: 5 }), Type.Null()]),
  reviewCount: Type.Integer({ minimum: 0 }),
  status: ListedStatusSchema,
  image: ImageSchema,
  categorySlug: SlugSchema,
  badges: Type.Array(ProductBadgeSchema),
});
export type ProductSummary = Static<typeof ProductSummarySchema>;

export const SkuSchema = Type.Object({
  id: IdSchema,
  code: Type.String(),
  values: Type.Array(Type.String(), { description: 'one value per option, in the order of the options' }),
  price: MoneySchema,
  stock: Type.Integer({ minimum: 0 }),
});

export const ProductDetailSchema = Type.Interface([ProductSummarySchema], {
  description: Type.String(),
  images: Type.Array(ImageSchema),
  category: Type.Object({ slug: SlugSchema, name: Type.String() }),
  options: Type.Array(Type.Object({ name: Type.String(), values: Type.Array(Type.String()) })),
  skus: Type.Array(SkuSchema),
  createdAt: DateTimeSchema,
  updatedAt: DateTimeSchema,
});
export type ProductDetail = Static<typeof ProductDetailSchema>;

/** One SKU as a cart or a list of wishes shows it: by itself, with what it needs of its product. */
export const SkuOfferSchema = Type.Interface([SkuSchema], {
  status: ListedStatusSchema,
  options: Type.Array(Type.String(), { description: 'the names of the options that `values` belong to' }),
  product: Type.Object({
    id: IdSchema,
    slug: SlugSchema,
    name: Type.String(),
    brand: Type.String(),
    image: ImageSchema,
  }),
});
export type SkuOffer = Static<typeof SkuOfferSchema>;

/** The categories at the top. */
export const CategoryListSchema = Type.Object({ data: Type.Array(CategorySchema) });
export const BannerListSchema = Type.Object({ data: Type.Array(BannerSchema) });
export const ProductListSchema = Type.Object({
  data: Type.Array(ProductSummarySchema),
  meta: Type.Interface([PageMetaSchema], {
    nextCursor: Type.Optional(
      Type.String({ description: 'where the next page begins; none on the last one' }),
    ),
  }),
});
export type ProductList = Static<typeof ProductListSchema>;
export const ProductSummaryListSchema = Type.Object({ data: Type.Array(ProductSummarySchema) });

/** `GET /api/v1/shelves`: short lists of the whole shop, each in its own order. */
export const ShelvesSchema = Type.Object({
  best: Type.Array(ProductSummarySchema),
  newest: Type.Array(ProductSummarySchema),
  deals: Type.Array(ProductSummarySchema),
});
export type Shelves = Static<typeof ShelvesSchema>;

export const SkuOfferListSchema = Type.Object({ data: Type.Array(SkuOfferSchema) });

/** How many ids a batch read takes. */
export const MAX_BATCH = 100;
