import type { Payment as PublicPayment } from '@doa-market/common/contracts';
import { PaymentFailureSchema } from '@doa-market/common/contracts';
import { Value } from 'typebox/value';
import type { Order, Payment, Refund } from '../generated/prisma/client.ts';
import { publicStatus } from '../order/status.ts';

export type StoredPayment = Payment & { refund: Refund | null };

/** A payment as its buyer sees it at `now`, by the clock of the database. */
export const toPayment = (
  payment: StoredPayment,
  order: Pick<Order, 'status'>,
  now: Date,
): PublicPayment => ({
  id: payment.id,
  orderId: payment.orderId,
  orderStatus: publicStatus(order.status),
  status: statusOf(payment, now),
  amount: payment.amount,
  currency: 'KRW',
  method: payment.method,
  failure: failureOf(payment),
  expiresAt: payment.expiresAt.toISOString(),
  paidAt: payment.paidAt?.toISOString() ?? null,
  refundedAt: payment.refund?.doneAt?.toISOString() ?? null,
});

/**
 * Nobody knows yet what the gateway has made of a payment that was only asked for, or whose time is over, or that it was
 * asked about in vain.
 */
function statusOf({ status, expiresAt, askedAt }: Payment, now: Date): PublicPayment['status'] {
  if (status === 'REQUESTED') return 'UNKNOWN';
  if (status === 'READY') return now < expiresAt && askedAt === null ? 'READY' : 'UNKNOWN';
  return status;
}

function failureOf({ failureCode: code, failureMessage: message }: Payment): PublicPayment['failure'] {
  const failure = { code, message: message ?? '' };
  if (code === null) return null;
  return Value.Check(PaymentFailureSchema, failure) ? failure : { code: 'OTHER', message: failure.message };
}
