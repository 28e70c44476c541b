import type { Checkout, PaymentFailure } from '@doa-market/common/contracts';

/** What a payment gateway knows of a payment, in our words. */
export interface GatewayPayment {
  /**
   * NONE was never begun by the buyer; PENDING is under way, or has a status that we do not know; PAID was captured, and
   * CANCELLED given back in whole.
   */
  status: 'NONE' | 'PENDING' | 'PAID' | 'FAILED' | 'CANCELLED';
  /** The gateway's name for the attempt: a payment that failed may be tried again, and has another one then. */
  transactionId: string | null;
  /** What was captured, before anything went back, and what of it did: in the smallest unit of `currency`. */
  captured: number;
  cancelled: number;
  currency: string;
  method: string | null;
  paidAt: Date | null;
  failure: PaymentFailure | null;
  /** The latest time that it went back, or is about to. */
  cancellation: Cancellation | null;
}

/** DONE is back with the buyer; UNDER_WAY will be; REFUSED is not, and may be asked for again. */
export interface Cancellation {
  status: 'DONE' | 'UNDER_WAY' | 'REFUSED';
  cancellationId: string | null;
}

export interface Preparation {
  paymentId: string;
  /** What the buyer reads. */
  orderName: string;
  /** KRW */
  amount: number;
  expiresAt: Date;
}

/** What a webhook was about, once its signature holds: the payment's state is then asked for, never believed. */
export interface GatewayNotice {
  webhookId: string;
  /** The gateway's name for what happened; `Transaction.Confirm` asks before it captures. */
  type: string;
  /** Null where it is about something else. */
  paymentId: string | null;
  transactionId: string | null;
  /** What is about to be captured, where that is asked. */
  amount: number | null;
}

/**
 * A payment gateway. Every method may be repeated: what was done is not done twice. Each throws {UpstreamError} where
 * the outcome is not known: a time-out is no failure.
 */
export interface PaymentGateway {
  readonly provider: string;
  /** Tells the gateway what the payment must be, so that it refuses any other amount. */
  prepare(preparation: Preparation): Promise<Checkout>;
  find(paymentId: string): Promise<GatewayPayment>;
  /**
   * Gives back all that is still there of a payment.
   * @param key the same one for the same attempt: another one after a REFUSED
   */
  cancel(cancellation: { paymentId: string; reason: string; key: string }): Promise<Cancellation>;
  /** @throws {ProblemError} 400 PAY_4000 for what is forged, stale or no webhook at all */
  readWebhook(headers: Readonly<Record<string, string | string[] | undefined>>, body: Buffer): GatewayNotice;
  close(): Promise<void>;
}
