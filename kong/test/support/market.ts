import type { JWK } from 'jose';
import { type Client, clientOf } from './client.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { type RedisServer, startRedis } from './redis.ts';
import { bearer, claimsOf, newKey, type SigningKey, sign } from './tokens.ts';
import { startUpstream, type Upstream } from './upstream.ts';

const SERVICES = ['auth', 'member', 'product', 'queue', 'bff'] as const;
type ServiceName = (typeof SERVICES)[number];

export interface Market {
  gateway: Gateway;
  get: Client;
  redis: RedisServer;
  services: Record<ServiceName, Upstream>;
  key: SigningKey;
  /** What auth-server publishes; tests change it. */
  jwks: { keys: JWK[]; fetches: number; broken: boolean };
  token(role?: string): Promise<string>;
  /** Headers of somebody with that role, each time somebody else. */
  as(role?: string): Promise<{ authorization: string }>;
  close(): Promise<void>;
}

export interface MarketOptions {
  /** More of the environment; a function is given the services, whose ports are known only then. */
  env?: Record<string, string | ((services: Market['services']) => string)>;
  template?: string;
}

/** A gateway that runs already; its services and its Redis are then where the environment says. */
export const external = process.env['GATEWAY_URL'];

async function startServices(): Promise<Record<ServiceName, Upstream>> {
  const [auth, member, product, queue, bff] = await Promise.all(
    SERVICES.map((name) => {
      const url = external && process.env[`${name.toUpperCase()}_SERVICE_URL`];
      return url ? startUpstream(name, Number(new URL(url).port), '0.0.0.0') : startUpstream(name);
    }),
  );
  if (!auth || !member || !product || !queue || !bff) throw new Error('a service did not start');
  return { auth, member, product, queue, bff };
}

function serveKeys(auth: Upstream, jwks: Market['jwks']): void {
  const { reply } = auth;
  auth.reply = (response, seen) => {
    if (seen.url !== '/.well-known/jwks.json') return reply(response, seen);
    jwks.fetches += 1;
    if (jwks.broken) return response.writeHead(500).end();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: jwks.keys }));
  };
}

function runningGateway(url: string): Gateway {
  const statusUrl = process.env['GATEWAY_STATUS_URL'] ?? '';
  return {
    url,
    statusUrl,
    output: () => '',
    accessLog: () => Promise.resolve(''),
    close: () => Promise.resolve(),
  };
}

/** The gateway with a Redis, and services that answer as the tests tell them. */
export async function openMarket({ env = {}, template }: MarketOptions = {}): Promise<Market> {
  const [redis, services, key] = await Promise.all([startRedis(), startServices(), newKey()]);
  const jwks = { keys: [key.jwk], fetches: 0, broken: false };
  serveKeys(services.auth, jwks);
  const urls = Object.fromEntries(
    SERVICES.map((name) => [`${name.toUpperCase()}_SERVICE_URL`, services[name].url]),
  );
  const more = Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, typeof value === 'function' ? value(services) : value]),
  );
  const gateway = external
    ? runningGateway(external)
    : await startGateway({
        env: { REDIS_URL: redis.url, ...urls, ...more },
        ...(template !== undefined && { template }),
      });

  return {
    gateway,
    get: clientOf(gateway.url),
    redis,
    services,
    key,
    jwks,
    token: (role = 'MEMBER') => sign(key, claimsOf(role)),
    as: async (role = 'MEMBER') => bearer(await sign(key, claimsOf(role))),
    async close() {
      try {
        await gateway.close();
      } finally {
        await Promise.all([...SERVICES.map((name) => services[name].stop()), redis.close()]);
      }
    },
  };
}
