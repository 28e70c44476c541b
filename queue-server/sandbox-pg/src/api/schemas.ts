import { Type } from 'typebox';

export const PaymentIdSchema = Type.String({ pattern: '^[A-Za-z0-9_-]{1,100}$' });
export const PaymentParamsSchema = Type.Object({ paymentId: PaymentIdSchema });
const StoreId = Type.Optional(Type.String({ maxLength: 100 }));

/** The last three are what PortOne's browser SDK is called with, which the sandbox has none of. */
export const PreRegisterSchema = Type.Object({
  storeId: StoreId,
  totalAmount: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }),
  taxFreeAmount: Type.Optional(Type.Integer({ minimum: 0 })),
  currency: Type.String({ pattern: '^[A-Z]{3}$', default: 'KRW' }),
  orderName: Type.String({ minLength: 1, maxLength: 200, default: '주문' }),
  redirectUrl: Type.Optional(Type.String({ maxLength: 2_000 })),
  expiresAt: Type.Optional(Type.String({ format: 'date-time' })),
});

export const GetPaymentQuerySchema = Type.Object({ storeId: StoreId });

export const CancelSchema = Type.Object({
  storeId: StoreId,
  amount: Type.Optional(Type.Integer({ minimum: 1 })),
  reason: Type.String({ minLength: 1, maxLength: 1_000 }),
  requester: Type.Optional(Type.Enum(['CUSTOMER', 'ADMIN'])),
  currentCancellableAmount: Type.Optional(Type.Integer({ minimum: 0 })),
  skipWebhook: Type.Optional(Type.Boolean()),
});
