import type { Checkout, PaymentFailure } from '@doa-market/common/contracts';

/** What a payment gateway knows of a payment, in our words. Amounts in KRW. */
export interface GatewayPayment {
  /** NONE was never begun by the buyer; PENDING is under way; PAID was captured, and CANCELLED given back in whole. */
  status: 'NONE' | 'PENDING' | 'PAID' | 'FAILED' | 'CANCELLED';
  /** The gateway's name for the capture, or for the attempt that failed. */
  transactionId: string | null;
  /** What was captured, before anything went back. */
  captured: number;
  cancelled: number;
  currency: string;
  method: string | null;
  paidAt: Date | null;
  failure: PaymentFailure | null;
}

export interface Preparation {
  paymentId: string;
  /** What the buyer reads. */
  orderName: string;
  amount: number;
  expiresAt: Date;
  /** Where the gateway's page sends the buyer back to. */
  returnUrl: string;
}

/** What a webhook was about, once its signature holds: the payment's state is then asked for, never believed. */
export interface GatewayNotice {
  webhookId: string;
  /** The gateway's name for what happened; `Transaction.Confirm` asks before it captures. */
  type: string;
  paymentId: string;
  transactionId: string | null;
}

/**
 * A payment gateway. Every method may be repeated: what was done is not done twice. Each throws {UpstreamError} where
 * the outcome is not known (a time-out is no failure), and {ProblemError} where the gateway refuses for good.
 */
export interface PaymentGateway {
  readonly provider: string;
  /** Tells the gateway what the payment must be, so that it refuses any other amount. */
  prepare(preparation: Preparation): Promise<Checkout>;
  find(paymentId: string): Promise<GatewayPayment>;
  /** Gives all of it back, or ends what was not paid yet. @returns the gateway's name for the cancellation; null where nothing was captured */
  cancel(cancellation: { paymentId: string; reason: string }): Promise<{ cancellationId: string | null }>;
  /** @throws {ProblemError} 400 PAY_4000 for what is forged, stale or no webhook at all */
  readWebhook(headers: Readonly<Record<string, string | string[] | undefined>>, body: Buffer): GatewayNotice;
}
