import { ConnectionUrl, Port, Secret, ServerConfig, ServiceUrl } from '@doa-market/common/config';
import { type Static, Type } from 'typebox';

export const ConfigSchema = Type.Object({
  ...ServerConfig,
  PORT: Port(4000),
  REDIS_URL: ConnectionUrl('redis', 'redis://127.0.0.1:6380'),
  MEMBER_SERVICE_URL: ServiceUrl('http://127.0.0.1:5000'),
  AUTH_BASIC_KEY: Secret('doa-web:doa-web-development-secret'),
  JWT_ISSUER: Type.String({ minLength: 1, default: 'https://auth.doa.market' }),
  JWT_EXPIRES_IN: Type.Integer({ minimum: 30, maximum: 3_600, default: 900, description: 'seconds' }),
  JWT_KEYS_FILE: Type.String({
    minLength: 1,
    default: '.data/auth/keys.json',
    description: 'private JWK Set; development makes one, production must bring it',
  }),
});
export type Config = Readonly<Static<typeof ConfigSchema>>;
