import { ConnectionUrl, Port, Secret, ServerConfig, ServiceUrl } from '@doa-market/common/config';
import { type Static, Type } from 'typebox';
import { CertificationConfig } from './certification/config.ts';
import { SocialConfig } from './social/config.ts';
import { LONGEST_ACCESS_TOKEN } from './token/issuer.ts';

const CLIENT_LIST = '^([a-z][a-z0-9-]*:[^,:]{16,}(,(?!$)|$))*$';
const DEVELOPMENT_SERVICE_KEYS = ['member-server', 'product-server', 'queue-server', 'bff-server']
  .map((name) => `${name}:${name}-development-secret`)
  .join(',');

export const ConfigSchema = Type.Object({
  ...ServerConfig,
  PORT: Port(4000),
  REDIS_URL: ConnectionUrl('redis', 'redis://127.0.0.1:6380'),
  MEMBER_SERVICE_URL: ServiceUrl('http://127.0.0.1:5000'),
  PUBLIC_URL: Type.String({
    pattern: '^https?://[^/?#]+$',
    developmentDefault: 'http://localhost:9000',
    description: 'the origin of the storefront, to which links in mails lead',
  }),
  MAIL_URL: Type.String({
    pattern: '^(smtps?://.+)?$',
    developmentDefault: '',
    description: 'smtp://user:password@host:587; empty in development: mail is kept for GET /dev/mail',
  }),
  MAIL_FROM: Type.String({ minLength: 3, default: 'DOA Market <no-reply@doa.market>' }),
  BOT_CHECK: Type.Enum(['off', 'turnstile', 'recaptcha'], { default: 'off' }),
  BOT_CHECK_SECRET: Type.String({ default: '', description: 'the provider’s, unless BOT_CHECK is off' }),
  BOT_CHECK_URL: Type.String({ default: '', description: 'instead of the provider’s own siteverify' }),
  ...SocialConfig,
  ...CertificationConfig,
  AUTH_BASIC_KEY: Secret('doa-web:doa-web-development-secret'),
  AUTH_CLIENTS: Type.String({
    pattern: CLIENT_LIST,
    default: '',
    description: 'further first-party clients, such as an app: name:secret, comma separated',
  }),
  SERVICE_KEYS: Secret(DEVELOPMENT_SERVICE_KEYS, { pattern: CLIENT_LIST }),
  REFRESH_TOKEN_SECRET: Secret('doa-refresh-token-development-secret', { minLength: 32 }),
  TRUSTED_GATEWAYS: Type.String({
    default: '127.0.0.1,::1',
    description: 'whose X-Forwarded-For is believed: addresses and CIDR ranges, comma separated',
  }),
  JWT_ISSUER: Type.String({ minLength: 1, default: 'https://auth.doa.market' }),
  JWT_EXPIRES_IN: Type.Integer({
    minimum: 30,
    maximum: LONGEST_ACCESS_TOKEN,
    default: 900,
    description: 'seconds',
  }),
  JWT_KEYS_FILE: Type.String({
    minLength: 1,
    default: '.data/auth/keys.json',
    description: 'private JWK Set; development makes one, production must bring it',
  }),
});
export type Config = Readonly<Static<typeof ConfigSchema>>;
