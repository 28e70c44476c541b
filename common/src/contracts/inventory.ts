import { type Static, Type } from 'typebox';
import { DateTimeSchema, IdSchema, MoneySchema } from './atoms.ts';

/** What queue-server asks of product-server's stock: /internal alone, and never routed by the gateway. */

const strict = { additionalProperties: false };

export const HOLD_LIMITS = { items: 100, quantity: 999, seats: 10, ttl: 3_600 } as const;

/**
 * The hold is its owner's until it ends: CONFIRMED is sold, RELEASED was given back, EXPIRED was taken back, RETURNED was
 * sold and has come back.
 */
export const HoldStateSchema = Type.Enum(['HELD', 'CONFIRMED', 'RELEASED', 'EXPIRED', 'RETURNED']);
export type HoldState = Static<typeof HoldStateSchema>;

const SkuItemSchema = Type.Object({
  skuId: IdSchema,
  quantity: Type.Integer({ minimum: 1 }),
  /** KRW for one, as it was when the hold was made. */
  price: MoneySchema,
});

const SeatItemSchema = Type.Object({
  seatId: IdSchema,
  section: Type.String(),
  row: Type.String(),
  number: Type.Integer({ minimum: 1 }),
  grade: Type.String({ examples: ['VIP'] }),
  /** KRW, as it was when the hold was made. */
  price: MoneySchema,
});

/** A hold has units of SKUs, or seats of one event. */
export const HoldSchema = Type.Object({
  id: IdSchema,
  owner: Type.String(),
  key: Type.String(),
  state: HoldStateSchema,
  /** By the clock of the database, which alone decides. */
  expiresAt: DateTimeSchema,
  items: Type.Array(SkuItemSchema),
  eventId: Type.Union([IdSchema, Type.Null()]),
  seats: Type.Array(SeatItemSchema),
});
export type Hold = Static<typeof HoldSchema>;

const claim = {
  owner: Type.String({
    pattern: '^[A-Za-z0-9:._-]{1,100}$',
    description: 'whose hold it is, in the words of the caller',
    examples: ['order:0199f3a0-6f2e-7c31-9b4d-2f1a8c5e7d90'],
  }),
  key: Type.String({
    pattern: '^[A-Za-z0-9:._~/+=-]{1,128}$',
    description: 'the name that the owner gives to the hold: repeated, it is the same hold',
    examples: ['checkout-1'],
  }),
  ttl: Type.Integer({ minimum: 1, maximum: HOLD_LIMITS.ttl, description: 'seconds', examples: [300] }),
};

/** `POST /internal/v1/holds`: all of it, or nothing. Lines of one SKU are added up. */
export const NewHoldSchema = Type.Object(
  {
    ...claim,
    items: Type.Array(
      Type.Object(
        { skuId: IdSchema, quantity: Type.Integer({ minimum: 1, maximum: HOLD_LIMITS.quantity }) },
        strict,
      ),
      { minItems: 1, maxItems: HOLD_LIMITS.items },
    ),
  },
  strict,
);
export type NewHold = Static<typeof NewHoldSchema>;

/** `POST /internal/v1/events/:id/holds`: all of them, or none; how many one order may have is for the event to say. */
export const NewSeatHoldSchema = Type.Object(
  {
    ...claim,
    seatIds: Type.Array(IdSchema, { minItems: 1, maxItems: HOLD_LIMITS.seats, uniqueItems: true }),
  },
  strict,
);
export type NewSeatHold = Static<typeof NewSeatHoldSchema>;

/** `POST /internal/v1/holds/:id/extend`: from now on, and never less than it has. */
export const HoldExtensionSchema = Type.Object({ ttl: claim.ttl }, strict);

/** What a refusal says of each thing that cannot be had: how many of it are left. */
export const UnavailableItemSchema = Type.Object({
  id: IdSchema,
  available: Type.Integer({ minimum: 0 }),
});
export type UnavailableItem = Static<typeof UnavailableItemSchema>;
