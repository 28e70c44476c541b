import { type Static, Type } from 'typebox';

/** One message on its way to the shop. */
export const DeliverySchema = Type.Object({
  /** Its webhook-id: the same at every attempt. */
  id: Type.String(),
  paymentId: Type.String(),
  type: Type.String(),
  body: Type.String(),
  state: Type.Enum(['PENDING', 'DELIVERED', 'GIVEN_UP', 'DROPPED']),
  /** When it is to be sent (again). */
  dueAt: Type.Integer(),
  /** What came of each attempt: a status, or why there is none. */
  attempts: Type.Array(Type.String()),
});
export type Delivery = Static<typeof DeliverySchema>;
