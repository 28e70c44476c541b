import { type Static, Type } from 'typebox';
import { NewAddressSchema } from './address.ts';
import { DateTimeSchema, IdSchema, MoneySchema, PageQuerySchema, PageSchema } from './atoms.ts';
import { HOLD_LIMITS } from './inventory.ts';
import { PaymentPermitSchema } from './queue.ts';

const strict = { additionalProperties: false };

/** KRW that one order can cost: what fits the columns, and far more than anybody pays at once. */
export const MAX_ORDER_AMOUNT = 1_000_000_000;

/** HELD and PAYING inside are PENDING outside: a buyer has nothing to do with the difference. */
export const OrderStatusSchema = Type.Enum(['PENDING', 'CONFIRMED', 'CANCELLED', 'EXPIRED', 'REFUNDED']);
export const OrderKindSchema = Type.Enum(['SEATS', 'GOODS']);
export type OrderKind = Static<typeof OrderKindSchema>;

export const OrderSummarySchema = Type.Object({
  id: IdSchema,
  kind: OrderKindSchema,
  status: OrderStatusSchema,
  title: Type.String(),
  amount: MoneySchema,
  createdAt: DateTimeSchema,
});
export type OrderSummary = Static<typeof OrderSummarySchema>;

/** `GET /api/orders` */
export const OrderQuerySchema = Type.Interface([PageQuerySchema], {
  status: Type.Optional(OrderStatusSchema),
});
export type OrderQuery = Static<typeof OrderQuerySchema>;
export const OrderListSchema = PageSchema(OrderSummarySchema);

const OrderItemSchema = Type.Object({
  skuId: IdSchema,
  productId: IdSchema,
  title: Type.String({ examples: ['무드 테이블 램프 · 아이보리'] }),
  quantity: Type.Integer({ minimum: 1 }),
  unitPrice: MoneySchema,
});

const OrderSeatSchema = Type.Object({
  seatId: IdSchema,
  section: Type.String(),
  row: Type.String(),
  number: Type.Integer({ minimum: 1 }),
  grade: Type.String(),
  unitPrice: MoneySchema,
  /** Shown at the door; null until the order is confirmed, and after it was given back. */
  ticketCode: Type.Union([Type.String({ examples: ['K7QM-2XW9-4TRB'] }), Type.Null()]),
});

/** Where goods go, as it was when they were ordered. */
export const DeliverySchema = Type.Pick(NewAddressSchema, [
  'recipient',
  'phone',
  'postcode',
  'roadAddress',
  'detail',
]);
export type Delivery = Static<typeof DeliverySchema>;

/** READY waits for the buyer; UNKNOWN is being asked about; REFUNDING has been given back and is on its way. */
export const PaymentStatusSchema = Type.Enum([
  'READY',
  'UNKNOWN',
  'PAID',
  'FAILED',
  'CANCELLED',
  'REFUNDING',
  'REFUNDED',
]);
export type PaymentStatus = Static<typeof PaymentStatusSchema>;

export const PaymentFailureSchema = Type.Object({
  /** `DECLINED`, `INSUFFICIENT_FUNDS`, `AUTHENTICATION`, `TIMEOUT`, `AMOUNT_MISMATCH`, `HOLD_LOST`, `OTHER` */
  code: Type.Enum([
    'DECLINED',
    'INSUFFICIENT_FUNDS',
    'AUTHENTICATION',
    'TIMEOUT',
    'AMOUNT_MISMATCH',
    'HOLD_LOST',
    'OTHER',
  ]),
  message: Type.String(),
});
export type PaymentFailure = Static<typeof PaymentFailureSchema>;

export const PaymentSchema = Type.Object({
  id: IdSchema,
  orderId: IdSchema,
  orderStatus: OrderStatusSchema,
  status: PaymentStatusSchema,
  amount: MoneySchema,
  currency: Type.Literal('KRW'),
  method: Type.Union([Type.String({ examples: ['CARD'] }), Type.Null()]),
  failure: Type.Union([PaymentFailureSchema, Type.Null()]),
  /** Until when the buyer can pay. */
  expiresAt: DateTimeSchema,
  paidAt: Type.Union([DateTimeSchema, Type.Null()]),
  refundedAt: Type.Union([DateTimeSchema, Type.Null()]),
});
export type Payment = Static<typeof PaymentSchema>;

/** Why an order ended that its buyer did not pay and keep; AT_GATEWAY: an operator gave the money back there. */
export const OrderEndSchema = Type.Enum([
  'BUYER',
  'NOT_PAID_IN_TIME',
  'HOLD_LOST',
  'AMOUNT_MISMATCH',
  'PAID_AFTER_END',
  'AT_GATEWAY',
]);
export type OrderEnd = Static<typeof OrderEndSchema>;

/** `GET /api/orders/:id` */
export const OrderSchema = Type.Interface([OrderSummarySchema], {
  version: Type.Integer({ minimum: 1 }),
  /** Until when what it has is kept for it; null once that is settled. */
  expiresAt: Type.Union([DateTimeSchema, Type.Null()]),
  event: Type.Union([Type.Object({ id: IdSchema, startsAt: DateTimeSchema }), Type.Null()]),
  items: Type.Array(OrderItemSchema),
  seats: Type.Array(OrderSeatSchema),
  delivery: Type.Union([DeliverySchema, Type.Null()]),
  shippedAt: Type.Union([DateTimeSchema, Type.Null()]),
  /** The one that was paid, else the latest. */
  payment: Type.Union([PaymentSchema, Type.Null()]),
  endReason: Type.Union([OrderEndSchema, Type.Null()]),
  /** Whether its buyer may cancel it now, and until when that stays so (null: until it ships, or is settled). */
  cancellation: Type.Object({
    allowed: Type.Boolean(),
    until: Type.Union([DateTimeSchema, Type.Null()]),
  }),
});
export type Order = Static<typeof OrderSchema>;

/** `POST /api/reservations`: seats of an event, all of them or none. Needs X-Queue-Token while it has a waiting room. */
export const NewReservationSchema = Type.Object(
  {
    eventId: IdSchema,
    seatIds: Type.Array(IdSchema, { minItems: 1, maxItems: HOLD_LIMITS.seats, uniqueItems: true }),
  },
  strict,
);
export type NewReservation = Static<typeof NewReservationSchema>;

/** `permit` is null where the event has no waiting room: nobody asks for it then. */
export const ReservationSchema = Type.Object({
  order: OrderSchema,
  permit: Type.Union([PaymentPermitSchema, Type.Null()]),
});
export type Reservation = Static<typeof ReservationSchema>;

/** `POST /api/orders`: `amount` is what the buyer has seen; another price than that is refused, never charged. */
export const NewOrderSchema = Type.Object(
  {
    items: Type.Array(
      Type.Object({ skuId: IdSchema, quantity: Type.Integer({ minimum: 1, maximum: 99 }) }, strict),
      { minItems: 1, maxItems: HOLD_LIMITS.items },
    ),
    addressId: IdSchema,
    amount: Type.Integer({ minimum: 0, maximum: MAX_ORDER_AMOUNT, description: 'KRW' }),
  },
  strict,
);
export type NewOrder = Static<typeof NewOrderSchema>;

/** `POST /api/payments`: `amount` is what the buyer has seen. Seats that a waiting room led to need their permit in X-Queue-Token. */
export const NewPaymentSchema = Type.Object(
  {
    orderId: IdSchema,
    amount: Type.Integer({ minimum: 0, maximum: MAX_ORDER_AMOUNT, description: 'KRW' }),
  },
  strict,
);
export type NewPayment = Static<typeof NewPaymentSchema>;

/** Where the buyer pays: a page to go to, or what PortOne's browser SDK is called with. */
export const CheckoutSchema = Type.Union([
  Type.Object({ kind: Type.Literal('page'), url: Type.String({ format: 'uri' }) }),
  Type.Object({
    kind: Type.Literal('portone'),
    storeId: Type.String(),
    channelKey: Type.String(),
    paymentId: Type.String(),
    orderName: Type.String(),
    totalAmount: MoneySchema,
    currency: Type.Literal('KRW'),
    payMethod: Type.Literal('CARD'),
    redirectUrl: Type.String({ format: 'uri' }),
    /** Whom the gateway asks before it captures. */
    confirmUrl: Type.String({ format: 'uri' }),
  }),
]);
export type Checkout = Static<typeof CheckoutSchema>;

export const PaymentSessionSchema = Type.Object({ payment: PaymentSchema, checkout: CheckoutSchema });
export type PaymentSession = Static<typeof PaymentSessionSchema>;
