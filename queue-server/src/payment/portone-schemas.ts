import { type Static, Type } from 'typebox';

/** What we read of PortOne V2's answers and webhooks; fields that are not named are not looked at. */

const AmountSchema = Type.Object({
  total: Type.Integer({ minimum: 0 }),
  cancelled: Type.Integer({ minimum: 0 }),
});

/** `status`: SUCCEEDED, REQUESTED, FAILED, and whatever comes later. */
const CancellationSchema = Type.Object({ status: Type.String(), id: Type.String({ maxLength: 64 }) });
export type PortOneCancellation = Static<typeof CancellationSchema>;

/** `GET /payments/{paymentId}`: `status` says which of the optional fields are there. */
export const PortOnePaymentSchema = Type.Object({
  status: Type.String(),
  id: Type.String(),
  transactionId: Type.Optional(Type.String({ maxLength: 64 })),
  amount: AmountSchema,
  currency: Type.String(),
  method: Type.Optional(Type.Object({ type: Type.String() })),
  paidAt: Type.Optional(Type.String({ format: 'date-time' })),
  failure: Type.Optional(
    Type.Object({
      reason: Type.Optional(Type.String()),
      pgCode: Type.Optional(Type.String()),
      pgMessage: Type.Optional(Type.String()),
    }),
  ),
  cancellations: Type.Optional(Type.Array(CancellationSchema)),
});
export type PortOnePayment = Static<typeof PortOnePaymentSchema>;

/** `POST /payments/{paymentId}/pre-register`; the sandbox alone says where its page is. */
export const PreRegisteredSchema = Type.Object({
  checkoutUrl: Type.Optional(Type.String({ format: 'uri' })),
});

/** `POST /payments/{paymentId}/cancel` */
export const CancelledSchema = Type.Object({ cancellation: CancellationSchema });

/** The body of a webhook, version 2024-04-25; those that are about no payment have other data. */
export const WebhookSchema = Type.Object({
  type: Type.String({ maxLength: 100 }),
  data: Type.Object({
    paymentId: Type.Optional(Type.String({ maxLength: 200 })),
    transactionId: Type.Optional(Type.String({ maxLength: 64 })),
    totalAmount: Type.Optional(Type.Integer({ minimum: 0 })),
  }),
});
