import { createHash, createHmac } from 'node:crypto';
import type { PaymentPermit } from '@doa-market/common/contracts';
import type { Order } from '../generated/prisma/client.ts';

/** Milliseconds that a permit lasts. */
const LIFETIME = 600_000;

/** What the database keeps of a permit. */
export const permitHash = (token: string): string => createHash('sha256').update(token).digest('hex');

/**
 * Permits to pay for the seats that a waiting room led to. They follow from the order and a key of ours, so the same one
 * can be given again to who asks again, although only its hash is kept.
 */
export function createPermits({ PERMIT_KEY }: { PERMIT_KEY: string }) {
  const tokenOf = ({ id, admissionId }: { id: string; admissionId: string }): string =>
    `qp_${createHmac('sha256', PERMIT_KEY).update(`${id}|${admissionId}`).digest('base64url')}`;

  return {
    /** What a new order has of its permit, made at `now` by the clock of the database. */
    columnsOf(order: { id: string; admissionId: string }, now: Date) {
      return {
        admissionId: order.admissionId,
        permitHash: permitHash(tokenOf(order)),
        permitExpiresAt: new Date(now.getTime() + LIFETIME),
      };
    },
    /** Null where nobody asks for one. */
    permitOf({
      id,
      admissionId,
      permitExpiresAt,
    }: Pick<Order, 'id' | 'admissionId' | 'permitExpiresAt'>): PaymentPermit | null {
      if (!admissionId || !permitExpiresAt) return null;
      return { token: tokenOf({ id, admissionId }), expiresAt: permitExpiresAt.toISOString() };
    },
  };
}
export type Permits = ReturnType<typeof createPermits>;
