import { ConnectionUrl, Port, ServerConfig, TokenConfig } from '@doa-market/common/config';
import { type Static, Type } from 'typebox';

export const ConfigSchema = Type.Object({
  ...ServerConfig,
  ...TokenConfig,
  PORT: Port(5000),
  DATABASE_URL: ConnectionUrl(
    'postgresql',
    'postgresql://member_server:member_server@127.0.0.1:5433/member_db',
  ),
});
export type Config = Readonly<Static<typeof ConfigSchema>>;
