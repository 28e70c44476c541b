import type { Transaction } from '../database.ts';
import type { Payment, Refund } from '../generated/prisma/client.ts';

/** Says that all of a payment goes back; carrying it out is for the payments to do, for as long as it takes. */
export async function requestRefund(
  tx: Transaction,
  { id, captured }: Pick<Payment, 'id' | 'captured'>,
  reason: string,
  failure: { failureCode?: string; failureMessage?: string } = {},
): Promise<Refund> {
  await tx.payment.update({ where: { id, status: 'PAID' }, data: { ...failure, status: 'REFUNDING' } });
  return tx.refund.create({ data: { paymentId: id, amount: captured, reason } });
}
