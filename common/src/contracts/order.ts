import { type Static, Type } from 'typebox';
import { DateTimeSchema, IdSchema, MoneySchema, PageSchema } from './atoms.ts';

/** HELD and PAYING inside are PENDING outside: a buyer has nothing to do with the difference. */
export const OrderStatusSchema = Type.Enum(['PENDING', 'CONFIRMED', 'CANCELLED', 'EXPIRED', 'REFUNDED']);

export const OrderSummarySchema = Type.Object({
  id: IdSchema,
  status: OrderStatusSchema,
  title: Type.String(),
  amount: MoneySchema,
  createdAt: DateTimeSchema,
});
export type OrderSummary = Static<typeof OrderSummarySchema>;

export const OrderListSchema = PageSchema(OrderSummarySchema);
