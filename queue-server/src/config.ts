import {
  AnyRedisUrl,
  ConnectionUrl,
  Port,
  Secret,
  ServerConfig,
  ServiceUrl,
  TokenConfig,
} from '@doa-market/common/config';
import { PII_KEYS_PATTERN } from '@doa-market/common/personal-data';
import { type Static, Type } from 'typebox';
import { PaymentConfig } from './payment/config.ts';

export const ConfigSchema = Type.Object({
  ...ServerConfig,
  ...TokenConfig,
  PORT: Port(3003),
  DATABASE_URL: ConnectionUrl('postgresql', 'postgresql://queue_server:queue_server@127.0.0.1:5433/queue_db'),
  /** Where the waiting rooms are, which alone may be in a cluster; by default with everything else. */
  WAITING_ROOM_REDIS_URL: Type.Optional(AnyRedisUrl),
  PRODUCT_SERVICE_URL: ServiceUrl('http://127.0.0.1:3002'),
  MEMBER_SERVICE_URL: ServiceUrl('http://127.0.0.1:5000'),
  SERVICE_KEY: Secret('queue-server:queue-server-development-secret'),
  ...PaymentConfig,
  PERMIT_KEY: Secret('doa-payment-permit-development-secret', { minLength: 32 }),
  PII_KEYS: Type.String({
    pattern: PII_KEYS_PATTERN,
    developmentDefault: 'dev:O+znMxhG34Ld2jthRY/7sD+Yz2Sb1NX1lNAaSOY45Bs=',
    secret: true,
    description: 'kid:base64,... of 256-bit keys; the first encrypts where goods go, all decrypt it',
  }),
});
export type Config = Readonly<Static<typeof ConfigSchema>>;
