import { Port, ServerConfig, ServiceUrl, TokenConfig } from '@doa-market/common/config';
import { type Static, Type } from 'typebox';

export const ConfigSchema = Type.Object({
  ...ServerConfig,
  ...TokenConfig,
  PORT: Port(3001),
  PRODUCT_SERVICE_URL: ServiceUrl('http://127.0.0.1:3002'),
  MEMBER_SERVICE_URL: ServiceUrl('http://127.0.0.1:5000'),
});
export type Config = Readonly<Static<typeof ConfigSchema>>;
