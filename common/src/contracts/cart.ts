import { type Static, Type } from 'typebox';
import { DateTimeSchema, IdSchema } from './atoms.ts';
import { SkuOfferSchema } from './catalogue.ts';

/** What one cart holds at most. */
export const CART_LIMITS = { lines: 100, quantity: 99 } as const;

const strict = { additionalProperties: false };

export const QuantitySchema = Type.Integer({ minimum: 1, maximum: CART_LIMITS.quantity });

/** `POST /api/cart/items`: adds to what is there. */
export const NewCartItemSchema = Type.Object({ skuId: IdSchema, quantity: QuantitySchema }, strict);
export type NewCartItem = Static<typeof NewCartItemSchema>;

/** `PUT /api/cart/items/:skuId` */
export const CartQuantitySchema = Type.Object({ quantity: QuantitySchema }, strict);

/** `POST /api/cart/merge`: the access token of the guest whose cart the member takes over. */
export const CartMergeSchema = Type.Object(
  { guestToken: Type.String({ minLength: 1, maxLength: 8_192 }) },
  strict,
);

/**
 * `POST /internal/v1/carts/:memberId/remove`: what an order has bought leaves the cart, once for each order. What the
 * member has put in besides stays.
 */
export const CartPurchaseSchema = Type.Object(
  {
    orderId: IdSchema,
    items: Type.Array(NewCartItemSchema, { minItems: 1, maxItems: CART_LIMITS.lines }),
  },
  strict,
);
export type CartPurchase = Static<typeof CartPurchaseSchema>;

/** SHORT: there are fewer than the line asks for. GONE: not sold any more. UNKNOWN: the catalogue is away. */
export const CartLineStatusSchema = Type.Enum(['AVAILABLE', 'SHORT', 'SOLD_OUT', 'GONE', 'UNKNOWN']);
export type CartLineStatus = Static<typeof CartLineStatusSchema>;

/** A hundred lines of dear things are more than one price may be. */
const AmountSchema = Type.Integer({ minimum: 0, description: 'KRW' });

export const CartLineSchema = Type.Object({
  skuId: IdSchema,
  quantity: QuantitySchema,
  addedAt: DateTimeSchema,
  status: CartLineStatusSchema,
  offer: Type.Union([SkuOfferSchema, Type.Null()]),
  amount: Type.Union([AmountSchema, Type.Null()]),
});
export type CartLine = Static<typeof CartLineSchema>;

/** Its version is its ETag. A degraded one has all its lines, without what the catalogue knows of them. */
export const CartSchema = Type.Object({
  lines: Type.Array(CartLineSchema, { description: 'the latest first' }),
  totals: Type.Object({
    quantity: Type.Integer({ minimum: 0, description: 'units in all lines' }),
    amount: Type.Union([AmountSchema, Type.Null()], {
      description: 'of the lines that are AVAILABLE or SHORT; null where prices are not known',
    }),
  }),
  degraded: Type.Boolean(),
});
export type Cart = Static<typeof CartSchema>;
