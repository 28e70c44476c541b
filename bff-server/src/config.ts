import { Port, Secret, ServerConfig, ServiceUrl, TokenConfig } from '@doa-market/common/config';
import { type Static, Type } from 'typebox';

export const ConfigSchema = Type.Object({
  ...ServerConfig,
  ...TokenConfig,
  PORT: Port(3001),
  PRODUCT_SERVICE_URL: ServiceUrl('http://127.0.0.1:3002'),
  MEMBER_SERVICE_URL: ServiceUrl('http://127.0.0.1:5000'),
  NEXT_SERVER: ServiceUrl('http://127.0.0.1:3000'),
  PROXY_SERVER_URL: ServiceUrl('http://localhost:9000'),
  /** Where the proxy is for our own servers, where that is not its public address. */
  PROXY_ADDRESS: Type.Optional(ServiceUrl()),
  REVALIDATE_TOKEN: Secret('doa-revalidate-development-token'),
  PURGE_TOKEN: Secret('doa-purge-development-token'),
  SERVICE_KEY: Secret('bff-server:bff-server-development-secret'),
});
export type Config = Readonly<Static<typeof ConfigSchema>>;
