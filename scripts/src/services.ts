import path from 'node:path';
import { bunBinary } from './bun.ts';
import { type DatabaseOwner, serviceDatabaseUrl } from './databases.ts';
import { ROOT } from './paths.ts';
import type { Ports } from './ports.ts';
import { postgresCommand } from './postgres.ts';
import { httpProbe, type Probe, postgresProbe, redisProbe } from './probes.ts';
import { redisCommand } from './redis.ts';

/** One process of the stack, as data. */
export interface Service {
  name: string;
  command: string;
  args: string[];
  env: Record<string, string>;
  port: number;
  health: Probe;
  ready: Probe;
  dependsOn: string[];
  /** What asks it to end, when that is not SIGTERM. */
  stopSignal?: NodeJS.Signals;
}

export interface StackSettings {
  ports: Ports;
  data: string;
  /** Whether data must outlive a crash of the machine. */
  durable: boolean;
  secrets: typeof DEVELOPMENT_SECRETS;
}

export const DEVELOPMENT_SECRETS = {
  AUTH_BASIC_KEY: 'doa-web:doa-web-development-secret',
  WARMUP_TOKEN: 'doa-warm-up-development-token',
  PURGE_TOKEN: 'doa-purge-development-token',
  REVALIDATE_TOKEN: 'doa-revalidate-development-token',
};

const HOST = '127.0.0.1';
const local = (port: number) => `http://${HOST}:${port}`;

/** Where everything is, under the names by which every process knows it. */
export function addresses({ ports }: Pick<StackSettings, 'ports'>) {
  return {
    AUTH_SERVICE_URL: local(ports.auth),
    MEMBER_SERVICE_URL: local(ports.member),
    PRODUCT_SERVICE_URL: local(ports.product),
    QUEUE_SERVICE_URL: local(ports.queue),
    PAYMENT_API_URL: local(ports.sandboxPg),
    BFF_SERVICE_URL: local(ports.bff),
    KONG_GATEWAY_URL: local(ports.gateway),
    NEXT_SERVER: local(ports.web),
    PROXY_SERVER_URL: `http://localhost:${ports.proxy}`,
    REDIS_URL: `redis://${HOST}:${ports.redis}`,
  };
}

/** Whoever names PortOne means it; everybody else pays in the sandbox. */
const paymentGateway = (env: NodeJS.ProcessEnv): Record<string, string> =>
  env['PAYMENT_PROVIDER'] === 'portone'
    ? { PAYMENT_API_URL: env['PAYMENT_API_URL'] || 'https://api.portone.io' }
    : {};

/** The process table. */
export function services(settings: StackSettings): Service[] {
  const { ports, data, durable, secrets } = settings;
  const urls = addresses(settings);
  const web = ['node_modules/next/dist/bin/next', 'start', 'web', '-p', `${ports.web}`, '-H', HOST];

  const http = (
    name: string,
    port: number,
    command: [string, ...string[]],
    rest: Partial<Service>,
  ): Service => ({
    name,
    command: command[0],
    args: command.slice(1),
    port,
    health: httpProbe(`${local(port)}/health`),
    ready: httpProbe(`${local(port)}/ready`),
    dependsOn: [],
    ...rest,
    env: { ...urls, HOST, PORT: `${port}`, ...rest.env },
  });
  const node = (name: string, port: number, rest: Partial<Service>) =>
    http(name, port, [process.execPath, '--enable-source-maps', `${name}/dist/main.js`], rest);
  const database = (name: DatabaseOwner) => ({ DATABASE_URL: serviceDatabaseUrl(name, ports.postgres) });

  return [
    {
      name: 'postgres',
      ...postgresCommand({ dataDir: path.join(data, 'postgres'), port: ports.postgres, durable }),
      env: {},
      port: ports.postgres,
      health: postgresProbe(ports.postgres),
      ready: postgresProbe(ports.postgres),
      dependsOn: [],
      stopSignal: 'SIGINT',
    },
    {
      name: 'redis',
      ...redisCommand({ dataDir: path.join(data, 'redis'), port: ports.redis, durable }),
      env: {},
      port: ports.redis,
      health: redisProbe(ports.redis),
      ready: redisProbe(ports.redis),
      dependsOn: [],
    },
    node('member-server', ports.member, { env: database('member-server'), dependsOn: ['postgres', 'redis'] }),
    node('auth-server', ports.auth, {
      env: {
        AUTH_BASIC_KEY: secrets.AUTH_BASIC_KEY,
        JWT_KEYS_FILE: path.join(data, 'auth', 'keys.json'),
        PUBLIC_URL: urls.PROXY_SERVER_URL,
      },
      dependsOn: ['redis', 'member-server'],
    }),
    node('product-server', ports.product, {
      env: { ...database('product-server'), IMAGE_DIR: path.join(data, 'images') },
      dependsOn: ['postgres', 'redis', 'auth-server'],
    }),
    node('queue-server', ports.queue, {
      env: { ...database('queue-server'), ...paymentGateway(process.env), PUBLIC_URL: urls.PROXY_SERVER_URL },
      dependsOn: ['postgres', 'redis', 'auth-server'],
    }),
    http(
      'sandbox-pg',
      ports.sandboxPg,
      [process.execPath, '--enable-source-maps', 'queue-server/dist/sandbox-pg/main.js'],
      {
        env: {
          SANDBOX_PG_URL: urls.PAYMENT_API_URL,
          SANDBOX_RETURN_ORIGINS: urls.PROXY_SERVER_URL,
          SANDBOX_JOURNAL: path.join(data, 'sandbox-pg', 'journal.jsonl'),
          WEBHOOK_URL: `${urls.KONG_GATEWAY_URL}/api/payments/webhook`,
        },
      },
    ),
    node('bff-server', ports.bff, {
      env: { PURGE_TOKEN: secrets.PURGE_TOKEN, REVALIDATE_TOKEN: secrets.REVALIDATE_TOKEN },
      dependsOn: ['redis', 'product-server', 'member-server', 'auth-server'],
    }),
    http('gateway', ports.gateway, [path.join(ROOT, 'kong', 'local', 'start.sh')], {
      health: httpProbe(`${local(ports.gatewayStatus)}/status`),
      ready: httpProbe(`${local(ports.gatewayStatus)}/status/ready`),
      env: {
        GATEWAY_PORT: `${ports.gateway}`,
        GATEWAY_STATUS_PORT: `${ports.gatewayStatus}`,
        GATEWAY_PREFIX: path.join(data, 'gateway'),
        WARMUP_TOKEN: secrets.WARMUP_TOKEN,
        CORS_ORIGIN: urls.PROXY_SERVER_URL,
      },
      dependsOn: ['redis', 'bff-server', 'queue-server'],
    }),
    http('web', ports.web, [process.execPath, ...web], {
      env: {
        NODE_ENV: 'production',
        AUTH_BASIC_KEY: secrets.AUTH_BASIC_KEY,
        WARMUP_TOKEN: secrets.WARMUP_TOKEN,
        REVALIDATE_TOKEN: secrets.REVALIDATE_TOKEN,
        NEXT_TELEMETRY_DISABLED: '1',
      },
      dependsOn: ['gateway'],
    }),
    http('proxy-server', ports.proxy, [bunBinary(), 'proxy-server/dist/main.js'], {
      env: { ADMIN_PORT: `${ports.proxyAdmin}`, ...secrets },
      dependsOn: ['web', 'gateway'],
    }),
  ];
}
