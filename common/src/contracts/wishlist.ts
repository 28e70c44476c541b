import { type Static, Type } from 'typebox';
import { DateTimeSchema, IdSchema, PageMetaSchema } from './atoms.ts';
import { ProductSummarySchema } from './catalogue.ts';

export const MAX_WISHES = 500;

/** `product` is null for what is not sold any more, and in a degraded list. */
export const WishSchema = Type.Object({
  productId: IdSchema,
  addedAt: DateTimeSchema,
  product: Type.Union([ProductSummarySchema, Type.Null()]),
});

/** `GET /api/wishlist`. A degraded list has all its wishes, without what the catalogue knows of them. */
export const WishlistSchema = Type.Object({
  data: Type.Array(WishSchema, { description: 'the latest first' }),
  meta: PageMetaSchema,
  degraded: Type.Boolean(),
});
export type Wishlist = Static<typeof WishlistSchema>;
