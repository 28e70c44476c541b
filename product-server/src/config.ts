import {
  ConnectionUrl,
  Port,
  Secret,
  ServerConfig,
  ServiceUrl,
  TokenConfig,
} from '@doa-market/common/config';
import { type Static, Type } from 'typebox';

export const ConfigSchema = Type.Object({
  ...ServerConfig,
  ...TokenConfig,
  PORT: Port(3002),
  DATABASE_URL: ConnectionUrl(
    'postgresql',
    'postgresql://product_server:product_server@127.0.0.1:5433/product_db',
  ),
  QUEUE_SERVICE_URL: ServiceUrl('http://127.0.0.1:3003'),
  SERVICE_KEY: Secret('product-server:product-server-development-secret'),
  IMAGE_DIR: Type.String({
    minLength: 1,
    default: '.data/images',
    description: 'folder of the rendered images',
  }),
});
export type Config = Readonly<Static<typeof ConfigSchema>>;
