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
  IMAGE_STORE: Type.Enum(['folder', 's3'], {
    default: 'folder',
    description: 'where rendered images are kept',
  }),
  IMAGE_DIR: Type.String({
    minLength: 1,
    default: '.data/images',
    description: 'folder of the rendered images',
  }),
  S3_BUCKET: Type.Optional(Type.String({ minLength: 3, description: 'of the rendered images' })),
  S3_REGION: Type.String({ minLength: 1, default: 'ap-northeast-2' }),
  S3_ENDPOINT: Type.Optional(
    Type.String({ pattern: '^https?://', description: 'of a server that is not AWS' }),
  ),
});
export type Config = Readonly<Static<typeof ConfigSchema>>;
