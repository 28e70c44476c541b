import { type Cancellation, cancelledOf, type Payment } from './payment.ts';

const timestamp = (at: number): string => new Date(at).toISOString();

/** A payment as PortOne's REST API has it (see PROTOCOL.md). */
export function presentPayment(payment: Payment, storeId: string) {
  const { captured, failure, card } = payment;
  const cancelled = cancelledOf(payment);
  const changedAt = timestamp(payment.changedAt);
  const cancellations = payment.cancellations.map(presentCancellation);
  return {
    status: outerStatus(payment),
    id: payment.id,
    transactionId: payment.transactionId,
    merchantId: 'merchant-sandbox',
    storeId,
    version: 'V2',
    ...(card && {
      method: { type: 'PaymentMethodCard', card: { number: card, name: '테스트카드' } },
      channel: { type: 'TEST', key: 'sandbox', pgProvider: 'SANDBOX', pgMerchantId: 'sandbox' },
    }),
    requestedAt: timestamp(payment.requestedAt ?? payment.registeredAt),
    updatedAt: changedAt,
    statusChangedAt: changedAt,
    orderName: payment.orderName,
    amount: {
      total: captured?.amount ?? payment.amount,
      taxFree: 0,
      discount: 0,
      paid: captured?.amount ?? 0,
      cancelled,
      cancelledTaxFree: 0,
    },
    currency: captured?.currency ?? payment.currency,
    customer: {},
    ...(captured && { paidAt: timestamp(captured.at), pgTxId: captured.pgTxId, disputes: [], cancellations }),
    ...(failure && {
      failedAt: changedAt,
      failure: { reason: failure.message, pgCode: failure.pgCode, pgMessage: failure.message },
    }),
    ...(cancelled > 0 && { cancelledAt: changedAt }),
  };
}

export const presentCancellation = ({ id, status, amount, reason, requestedAt, doneAt }: Cancellation) => ({
  status,
  id,
  pgCancellationId: `sandbox-${id}`,
  totalAmount: amount,
  taxFreeAmount: 0,
  vatAmount: 0,
  reason,
  requestedAt: timestamp(requestedAt),
  ...(status === 'SUCCEEDED' && { cancelledAt: timestamp(doneAt) }),
});

/** What goes on between the buyer and the card company is nothing that PortOne shows. */
function outerStatus({ status }: Payment): string {
  return status === 'CHALLENGED' || status === 'PROCESSING' ? 'READY' : status;
}
