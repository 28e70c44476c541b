import { type Static, type TSchema, Type } from 'typebox';
import {
  BannerSchema,
  CategorySchema,
  ProductDetailSchema,
  ProductListSchema,
  ProductSummarySchema,
} from './catalogue.ts';
import { EventSummarySchema } from './event.ts';
import { ReviewHighlightSchema, ReviewListSchema } from './review.ts';

/** What the BFF answers: pages made of sections, each of which can fail without the others. */

/** A section that could not be had is `degraded` and carries the empty value of its kind. */
export function SectionSchema<T extends TSchema>(data: T) {
  return Type.Object({ status: Type.Enum(['ok', 'degraded']), data });
}
export interface Section<T> {
  status: 'ok' | 'degraded';
  data: T;
}

export const HomeSchema = Type.Object({
  banners: SectionSchema(Type.Array(BannerSchema)),
  categories: SectionSchema(Type.Array(CategorySchema)),
  best: SectionSchema(Type.Array(ProductSummarySchema)),
  newest: SectionSchema(Type.Array(ProductSummarySchema)),
  deals: SectionSchema(Type.Array(ProductSummarySchema)),
  // Caches may still have an answer from before there were these.
  reviews: Type.Optional(SectionSchema(Type.Array(ReviewHighlightSchema))),
  events: Type.Optional(SectionSchema(Type.Array(EventSummarySchema))),
});
export type Home = Static<typeof HomeSchema>;

export const CategoryPageSchema = Type.Object({
  category: CategorySchema,
  products: SectionSchema(ProductListSchema),
});
export type CategoryPage = Static<typeof CategoryPageSchema>;

export const ProductPageSchema = Type.Object({
  product: ProductDetailSchema,
  related: SectionSchema(Type.Array(ProductSummarySchema)),
  /** The newest; `GET /api/products/:slug/reviews` has all. */
  reviews: Type.Optional(SectionSchema(ReviewListSchema)),
});
export type ProductPage = Static<typeof ProductPageSchema>;
