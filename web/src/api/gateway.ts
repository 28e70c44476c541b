import 'server-only';
import { readEnvironment } from './environment';
import { createGatewayClient, type GatewayClient } from './gateway-client';

let client: GatewayClient | undefined;

/** The process's one client: made at first use, so that a build needs no environment. */
export function gateway(): GatewayClient {
  client ??= createGatewayClient(readEnvironment(process.env));
  return client;
}
