import { type Static, Type } from 'typebox';
import { IdSchema } from './atoms.ts';
import { DomainEventSchema } from './domain-event.ts';
import { OrderKindSchema } from './order.ts';

/** The Redis stream that queue-server's events are in; a field `event` with the JSON of one. */
export const ORDER_STREAM = 'events:orders';

/** The same for all: an event says that something happened, and whoever acts on it reads the order itself. */
const payload = {
  memberId: IdSchema,
  kind: OrderKindSchema,
  /** The payment that it is about. */
  paymentId: Type.Union([IdSchema, Type.Null()]),
};

/** `version` is the order's, and rises with each of them. */
export const OrderEventSchema = Type.Union([
  DomainEventSchema('order.held', 'order', payload),
  DomainEventSchema('order.paying', 'order', payload),
  /** The money is there; what it was for has to be sold now, or given back. */
  DomainEventSchema('order.captured', 'order', payload),
  DomainEventSchema('order.confirmed', 'order', payload),
  DomainEventSchema('order.cancelled', 'order', payload),
  DomainEventSchema('order.expired', 'order', payload),
  DomainEventSchema('order.refund-requested', 'order', payload),
  DomainEventSchema('order.refunded', 'order', payload),
]);
export type OrderEvent = Static<typeof OrderEventSchema>;
