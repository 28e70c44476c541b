import { createHash, timingSafeEqual } from 'node:crypto';
import type { Order } from '../generated/prisma/client.ts';

type Permitted = Pick<Order, 'permitHash' | 'permitExpiresAt'>;

/** Whether `token` may pay for an order at `now`, by the clock of the database. Where no permit is asked for, any may. */
export function mayPay(
  { permitHash, permitExpiresAt }: Permitted,
  token: string | undefined,
  now: Date,
): boolean {
  if (permitHash === null) return true;
  if (token === undefined || permitExpiresAt === null || now >= permitExpiresAt) return false;
  const expected = Buffer.from(permitHash, 'hex');
  const presented = createHash('sha256').update(token).digest();
  return expected.length === presented.length && timingSafeEqual(expected, presented);
}
