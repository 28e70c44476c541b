import { type Static, Type } from 'typebox';
import { DateTimeSchema, IdSchema } from './atoms.ts';

/** What product-server asks of queue-server: /internal alone, and never routed by the gateway. */

/** `GET /internal/v1/purchases`: whether a member has bought a product, paid for and not given back. */
export const PurchaseQuerySchema = Type.Object(
  { memberId: IdSchema, productId: IdSchema },
  { additionalProperties: false },
);
export type PurchaseQuery = Static<typeof PurchaseQuerySchema>;

export const PurchaseSchema = Type.Object({
  purchased: Type.Boolean(),
  /** When it was ordered last; null for what was never bought. */
  orderedAt: Type.Union([DateTimeSchema, Type.Null()]),
});
export type Purchase = Static<typeof PurchaseSchema>;
