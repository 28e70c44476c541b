import { Port, Secret, ServerConfig, ServiceUrl } from '@doa-market/common/config';
import { type Static, Type } from 'typebox';

const Origins = (fallback: string) =>
  Type.String({ pattern: '^https?://[^/?#,]+(,https?://[^/?#,]+)*$', default: fallback });

export const ConfigSchema = Type.Object({
  ...ServerConfig,
  // Production is not among them: nobody's money is taken here, and goods that are paid here are not paid.
  NODE_ENV: Type.Enum(['development', 'test'], { default: 'development' }),
  PORT: Port(3010),
  PAYMENT_API_SECRET: Secret('sandbox-payment-api-secret'),
  PAYMENT_STORE_ID: Type.String({ minLength: 1, default: 'store-sandbox' }),
  PAYMENT_WEBHOOK_SECRETS: Secret('whsec_c2FuZGJveC1wYXltZW50LXdlYmhvb2stc2VjcmV0', {
    pattern: '^whsec_[A-Za-z0-9+/]+=*(,whsec_[A-Za-z0-9+/]+=*)?$',
  }),
  WEBHOOK_URL: Type.String({
    pattern: '^https?://',
    default: 'http://127.0.0.1:8000/api/payments/webhook',
    description: 'where payments are reported to, and asked about before they are captured',
  }),
  CONFIRM_STEP: Type.Enum(['on', 'off'], { default: 'on', description: 'whether to ask before the capture' }),
  SANDBOX_PG_URL: ServiceUrl('http://127.0.0.1:3010'),
  SANDBOX_RETURN_ORIGINS: Origins('http://localhost:9000'),
  SANDBOX_JOURNAL: Type.String({ minLength: 1, default: '.data/sandbox-pg/journal.jsonl' }),
  SANDBOX_MAX_PAYMENTS: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 50_000 }),
});
export type Config = Readonly<Static<typeof ConfigSchema>>;
