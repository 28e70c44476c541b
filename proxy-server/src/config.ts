import { loadConfig, Milliseconds, Port, Secret, ServerConfig, ServiceUrl } from '@doa-market/common/config';
import { type Static, Type } from 'typebox';

const MEBIBYTE = 2 ** 20;
/** Bun counts a connection's idle seconds in one byte. */
const MAX_IDLE_MS = 255_000;
/** The usual ones, and our own warm-up. */
const MONITORS = [
  'doa-warm-up',
  'kube-probe',
  'ELB-HealthChecker',
  'GoogleHC',
  'Blackbox Exporter',
  'Prometheus',
  'UptimeRobot',
  'Pingdom',
  'StatusCake',
];

/** Of every process on the public port, whatever stands behind it. */
const Common = {
  ...ServerConfig,
  PORT: Port(9000),
  ADMIN_PORT: Port(9001),
  /** Processes on the public port; `auto` is one for each core. */
  WORKERS: Type.String({ pattern: '^(?:auto|[1-9][0-9]?)$', default: '1' }),
  /** A connection that says nothing for this long, in either direction, is closed. */
  IDLE_TIMEOUT: Type.Integer({ minimum: 1_000, maximum: MAX_IDLE_MS, default: 240_000 }),
  MAX_BODY_BYTES: Type.Integer({ minimum: 0, default: 32 * MEBIBYTE }),
  /** Comma separated addresses and CIDR ranges whose X-Forwarded-* are believed. */
  TRUSTED_PROXIES: Type.String({ default: '' }),
  CACHE_MAX_BYTES: Type.Integer({ minimum: 0, default: 64 * MEBIBYTE }),
  REQUEST_TIMEOUT: Milliseconds(10_000),
};

const StorefrontConfigSchema = Type.Object({
  ...Common,
  CACHE_POLICY: Type.Literal('storefront', { default: 'storefront' }),
  NEXT_SERVER: ServiceUrl('http://127.0.0.1:3000'),
  KONG_GATEWAY_URL: ServiceUrl('http://127.0.0.1:8000'),
  PROXY_SERVER_URL: ServiceUrl('http://localhost:9000'),
  /** Comma separated; an entry without a port stands for our own port and the public one. */
  ALLOWED_HOSTS: Type.String({ default: '' }),
  /** redis://… of the second level; without it each process is on its own. */
  REDIS_URL: Type.Optional(Type.String({ pattern: '^rediss?://' })),
  WARMUP_TOKEN: Secret('doa-warm-up-development-token'),
  /** The credential of PURGE. */
  PURGE_TOKEN: Secret('doa-purge-development-token'),
  /** client:secret by which auth-server knows this client. */
  AUTH_BASIC_KEY: Secret('doa-web:doa-web-development-secret'),
  /** Comma separated: paths, and parts of a User-Agent, that get no token. */
  MONITOR_PATHS: Type.String({ default: '/api/health,/api/ready' }),
  MONITOR_USER_AGENTS: Type.String({ default: MONITORS.join(',') }),
});

/** The cache alone, in front of any origin. */
const StandardConfigSchema = Type.Object({
  ...Common,
  CACHE_POLICY: Type.Literal('standard'),
  UPSTREAM: Type.String({ pattern: '^https?://[^/?#]+$' }),
  /** The credential of PURGE; without it the method is passed on like any other. */
  PURGE_TOKEN: Type.Optional(Type.String({ minLength: 16 })),
});

export type StorefrontConfig = Readonly<Static<typeof StorefrontConfigSchema>>;
export type StandardConfig = Readonly<Static<typeof StandardConfigSchema>>;
export type ProxyConfig = StorefrontConfig | StandardConfig;

/** @throws {ConfigError} naming every variable that is missing or bad */
export const readConfig = (env: Readonly<Record<string, string | undefined>>): ProxyConfig =>
  env['CACHE_POLICY'] === 'standard'
    ? loadConfig(StandardConfigSchema, env)
    : loadConfig(StorefrontConfigSchema, env);

/** The entries of a comma separated variable. */
export const listOf = (value: string): string[] =>
  value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
