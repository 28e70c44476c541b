import type { Checkout } from '@doa-market/common/contracts';
import { ProblemError } from '@doa-market/common/errors';
import { createServiceClient, UpstreamError } from '@doa-market/common/http';
import type { Metrics } from '@doa-market/common/metrics';
import { Compile } from 'typebox/compile';
import type { PaymentGateway, Preparation } from './gateway.ts';
import { cancellationOf, inOurWords, NOT_BEGUN } from './portone-payment.ts';
import {
  CancelledSchema,
  PortOnePaymentSchema,
  PreRegisteredSchema,
  WebhookSchema,
} from './portone-schemas.ts';
import { createWebhookVerifier, type Distrust } from './webhook-signature.ts';

export interface PortOneConfig {
  PAYMENT_PROVIDER: 'sandbox' | 'portone';
  PAYMENT_API_URL: string;
  PAYMENT_API_SECRET: string;
  PAYMENT_WEBHOOK_SECRETS: string;
  PAYMENT_STORE_ID: string;
  PAYMENT_CHANNEL_KEY: string;
  /** Milliseconds */
  PAYMENT_TIMEOUT: number;
  PAYMENT_CANCEL_TIMEOUT: number;
  PUBLIC_URL: string;
}

const webhook = Compile(WebhookSchema);

/**
 * PortOne V2 over its REST interface; the sandbox speaks the same. What is known of the protocol, and from where, is in
 * sandbox-pg/PROTOCOL.md.
 */
export function createPortOne(config: PortOneConfig, metrics: Metrics): PaymentGateway {
  const { PAYMENT_PROVIDER: provider, PAYMENT_STORE_ID: storeId, PUBLIC_URL: site } = config;
  const upstream = { baseUrl: config.PAYMENT_API_URL, metrics };
  const api = createServiceClient({ ...upstream, name: 'payment-gateway', timeout: config.PAYMENT_TIMEOUT });
  // Banks are slow to give back: what waits for them takes no patience from buyers, nor breaks their circuit.
  const refunds = createServiceClient({
    ...upstream,
    name: 'payment-gateway-refunds',
    timeout: config.PAYMENT_CANCEL_TIMEOUT,
  });
  const authorization = { authorization: `PortOne ${config.PAYMENT_API_SECRET}` };
  const verify = createWebhookVerifier(config.PAYMENT_WEBHOOK_SECRETS.split(','));

  const pathOf = (paymentId: string) => `/payments/${encodeURIComponent(paymentId)}`;
  const returnUrl = (paymentId: string) => `${site}/checkout/result?paymentId=${paymentId}`;

  /** What its browser SDK is called with. */
  const sdkCheckout = ({ paymentId, orderName, amount }: Preparation): Checkout => ({
    kind: 'portone',
    storeId,
    channelKey: config.PAYMENT_CHANNEL_KEY,
    paymentId,
    orderName,
    totalAmount: amount,
    currency: 'KRW',
    payMethod: 'CARD',
    redirectUrl: returnUrl(paymentId),
    confirmUrl: `${site}/api/payments/webhook`,
  });

  return {
    provider,

    async prepare(preparation) {
      const { paymentId, orderName, amount, expiresAt } = preparation;
      const fixed = { storeId, totalAmount: amount, currency: 'KRW' };
      const path = `${pathOf(paymentId)}/pre-register`;
      if (provider === 'portone') {
        await api.post(path, PreRegisteredSchema, fixed, { headers: authorization });
        return sdkCheckout(preparation);
      }
      // There is no SDK that would open the sandbox's page, so it is told what the SDK would be.
      const page = { orderName, redirectUrl: returnUrl(paymentId), expiresAt: expiresAt.toISOString() };
      const { checkoutUrl } = await api.post(
        path,
        PreRegisteredSchema,
        { ...fixed, ...page },
        { headers: authorization },
      );
      if (checkoutUrl === undefined) throw new UpstreamError(api.name, 'invalid');
      return { kind: 'page', url: checkoutUrl };
    },

    async find(paymentId) {
      const path = `${pathOf(paymentId)}?storeId=${encodeURIComponent(storeId)}`;
      try {
        return inOurWords(await api.get(path, PortOnePaymentSchema, { headers: authorization }));
      } catch (error) {
        // Any other 404 is somebody else's: it says nothing of a payment.
        if (error instanceof UpstreamError && error.type === 'PAYMENT_NOT_FOUND') return NOT_BEGUN;
        throw error;
      }
    },

    async cancel({ paymentId, reason, key }) {
      try {
        const { cancellation } = await refunds.post(
          `${pathOf(paymentId)}/cancel`,
          CancelledSchema,
          { storeId, reason },
          { headers: { ...authorization, 'idempotency-key': key } },
        );
        return cancellationOf(cancellation);
      } catch (error) {
        if (error instanceof UpstreamError && isRefusal(error))
          return { status: 'REFUSED', cancellationId: null };
        throw error;
      }
    },

    readWebhook(headers, body) {
      const verdict = verify(headers, body);
      if ('distrust' in verdict) throw noWebhook(verdict.distrust);
      const value = parse(body);
      if (!webhook.Check(value)) throw noWebhook('MALFORMED');
      const { paymentId = null, transactionId = null, totalAmount = null } = value.data;
      return {
        webhookId: verdict.webhookId,
        type: value.type,
        paymentId,
        transactionId,
        amount: totalAmount,
      };
    },

    async close() {
      await Promise.all([api.close(), refunds.close()]);
    },
  };
}

/** A no for good, as against one that says to come again, or that was never understood. */
function isRefusal({ status, type }: UpstreamError): boolean {
  return (
    (status === 404 || status === 409) && type !== undefined && type !== 'IDEMPOTENCY_OUTSTANDING_REQUEST'
  );
}

const noWebhook = (cause: Distrust) =>
  new ProblemError(400, 'PAY_4000', 'This is no webhook of the payment gateway.', { cause });

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
