import {
  ConnectionUrl,
  Milliseconds,
  Port,
  Secret,
  ServerConfig,
  ServiceUrl,
  TokenConfig,
} from '@doa-market/common/config';
import { PII_KEYS_PATTERN } from '@doa-market/common/personal-data';
import { type Static, Type } from 'typebox';

export const ConfigSchema = Type.Object({
  ...ServerConfig,
  ...TokenConfig,
  PORT: Port(5000),
  DATABASE_URL: ConnectionUrl(
    'postgresql',
    'postgresql://member_server:member_server@127.0.0.1:5433/member_db',
  ),
  REDIS_URL: ConnectionUrl('redis', 'redis://127.0.0.1:6380'),
  PRODUCT_SERVICE_URL: ServiceUrl('http://127.0.0.1:3002'),
  /** A cart is shown without prices sooner than late. */
  CATALOGUE_TIMEOUT: Milliseconds(1_000),
  SERVICE_KEY: Secret('member-server:member-server-development-secret'),
  PII_KEYS: Type.String({
    pattern: PII_KEYS_PATTERN,
    developmentDefault: 'dev:v7VPHa6JHZNgPjdjpZ8NFEZC5pWiLYQxxHN5SQ78pp0=',
    secret: true,
    description: 'kid:base64,... of 256-bit keys; the first encrypts personal data, all decrypt it',
  }),
  PII_INDEX_KEY: Type.String({
    pattern: '^[A-Za-z0-9+/]{43}=$',
    developmentDefault: 'mK4OIRUaL6Yv1EVHgCN/lYg3X76rpdfR1MFGs9Gt6yI=',
    secret: true,
    description: 'base64 of 256 bits; encrypted values are found by it, so it never changes',
  }),
});
export type Config = Readonly<Static<typeof ConfigSchema>>;
