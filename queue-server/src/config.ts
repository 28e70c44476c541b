import { ConnectionUrl, Port, ServerConfig, TokenConfig } from '@doa-market/common/config';
import { type Static, Type } from 'typebox';

export const ConfigSchema = Type.Object({
  ...ServerConfig,
  ...TokenConfig,
  PORT: Port(3003),
  DATABASE_URL: ConnectionUrl('postgresql', 'postgresql://queue_server:queue_server@127.0.0.1:5433/queue_db'),
});
export type Config = Readonly<Static<typeof ConfigSchema>>;
