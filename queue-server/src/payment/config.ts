import { Milliseconds, Secret, ServiceUrl } from '@doa-market/common/config';
import { Type } from 'typebox';

const WEBHOOK_SECRET = 'whsec_[A-Za-z0-9+/]{32,}={0,2}';

/** What queue-server has to know of the gateway, and of the pages that buyers come back to. */
export const PaymentConfig = {
  PAYMENT_PROVIDER: Type.Enum(['sandbox', 'portone'], {
    developmentDefault: 'sandbox',
    description: 'the sandbox moves no money, and is refused in production',
  }),
  PAYMENT_API_URL: ServiceUrl('http://127.0.0.1:3010'),
  PAYMENT_API_SECRET: Secret('sandbox-payment-api-secret'),
  PAYMENT_WEBHOOK_SECRETS: Type.String({
    pattern: `^${WEBHOOK_SECRET}(,${WEBHOOK_SECRET})*$`,
    developmentDefault: 'whsec_c2FuZGJveC1wYXltZW50LXdlYmhvb2stc2VjcmV0',
    secret: true,
    description: 'whsec_...,... of 192 bits or more: any of them may have signed a webhook',
  }),
  PAYMENT_STORE_ID: Type.String({ minLength: 1, developmentDefault: 'store-sandbox' }),
  PAYMENT_CHANNEL_KEY: Type.String({ minLength: 1, developmentDefault: 'channel-key-sandbox' }),
  /** For what a buyer waits for. */
  PAYMENT_TIMEOUT: Milliseconds(5_000),
  /** For what goes back: PortOne itself waits for banks, and asks to be given a minute. */
  PAYMENT_CANCEL_TIMEOUT: Milliseconds(60_000),
  PUBLIC_URL: Type.String({
    pattern: '^https?://[^/?#]+$',
    developmentDefault: 'http://localhost:9000',
    description: 'the origin of the storefront, to which buyers come back from paying',
  }),
};
