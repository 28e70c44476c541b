import type { PaymentFailure } from '@doa-market/common/contracts';
import type { Cancellation, GatewayPayment } from './gateway.ts';
import type { PortOneCancellation, PortOnePayment } from './portone-schemas.ts';

/** What there is of a payment that PortOne does not know. */
export const NOT_BEGUN: GatewayPayment = {
  status: 'NONE',
  transactionId: null,
  captured: 0,
  cancelled: 0,
  currency: 'KRW',
  method: null,
  paidAt: null,
  failure: null,
  cancellation: null,
};

/** Statuses of money that was there. READY, PAY_PENDING, VIRTUAL_ACCOUNT_ISSUED and unknown ones are neither. */
const CAPTURED = ['PAID', 'PARTIAL_CANCELLED', 'CANCELLED'];

/** What PortOne says of a payment, in our words. */
export function inOurWords(payment: PortOnePayment): GatewayPayment {
  const { amount, transactionId, currency, method, paidAt, cancellations = [] } = payment;
  const last = cancellations.at(-1);
  return {
    status: statusOf(payment),
    transactionId: transactionId ?? null,
    captured: CAPTURED.includes(payment.status) ? amount.total : 0,
    cancelled: amount.cancelled,
    currency,
    method: method?.type.replace(/^PaymentMethod/, '').toUpperCase() ?? null,
    paidAt: paidAt === undefined ? null : new Date(paidAt),
    failure: payment.status === 'FAILED' ? failureOf(payment) : null,
    cancellation: last ? cancellationOf(last) : null,
  };
}

function statusOf({ status }: PortOnePayment): GatewayPayment['status'] {
  if (status === 'PARTIAL_CANCELLED') return 'PAID';
  return status === 'PAID' || status === 'FAILED' || status === 'CANCELLED' ? status : 'PENDING';
}

export function cancellationOf({ status, id }: PortOneCancellation): Cancellation {
  if (status === 'SUCCEEDED') return { status: 'DONE', cancellationId: id };
  return { status: status === 'FAILED' ? 'REFUSED' : 'UNDER_WAY', cancellationId: id };
}

/** The sandbox's codes. Those of real card companies are their own: `pgMessage` is what they have for the buyer. */
const FAILURES: Record<string, PaymentFailure['code']> = {
  DECLINED: 'DECLINED',
  INSUFFICIENT_FUNDS: 'INSUFFICIENT_FUNDS',
  AUTHENTICATION_FAILED: 'AUTHENTICATION',
  TIMEOUT: 'TIMEOUT',
  EXPIRED: 'TIMEOUT',
};

function failureOf({ failure }: PortOnePayment): PaymentFailure {
  const { reason, pgCode = '', pgMessage } = failure ?? {};
  return {
    code: FAILURES[pgCode] ?? 'OTHER',
    message: (pgMessage ?? reason ?? '결제가 승인되지 않았어요.').slice(0, 300),
  };
}
