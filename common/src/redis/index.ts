import { Cluster, type Redis } from 'ioredis';
import type { Logger } from '../logging/index.ts';
import { type AnyRedis, toCluster, toServer } from './connections.ts';

export type { Redis } from 'ioredis';
export type { AnyRedis } from './connections.ts';
export * from './script.ts';

/** Milliseconds. */
const TIMEOUT = 500;

interface RedisOptions {
  name: string;
  logger: Logger;
  /** Milliseconds after which a command is given up. */
  timeout?: number;
  /** Milliseconds without a byte, while a command waits, after which the connection is replaced; never by default. */
  silence?: number;
}

/**
 * A connection that fails fast: while Redis is away a command is refused at once instead of queued, one
 * that hangs is given up, and reconnecting goes on in the background.
 */
export function createRedis(url: string, options: RedisOptions): Redis {
  const redis = toServer(url, { timeout: TIMEOUT, ...options });
  reportAbsence(redis, options.logger);
  return redis;
}

/** The same, also to a cluster: `redis+cluster://host:port,host:port` of some of its nodes. */
export function createAnyRedis(url: string, options: RedisOptions): AnyRedis {
  const cluster = toCluster(url, { timeout: TIMEOUT, ...options });
  if (!cluster) return createRedis(url, options);
  reportAbsence(cluster, options.logger);
  return cluster;
}

function reportAbsence(redis: Redis | Cluster, logger: Logger): void {
  let away = false;
  redis.on('error', (error) => {
    // ioredis repeats itself at every attempt; an operator needs the change of state alone.
    if (!away) logger.warn({ err: error }, 'redis is away');
    away = true;
  });
  redis.on('ready', () => {
    if (away) logger.info('redis is back');
    away = false;
  });
}

/** Connects if Redis is there; a server starts without it and says so on /ready. */
export async function connectRedis(redis: AnyRedis): Promise<void> {
  await redis.connect().catch(() => undefined);
}

/** Whether the keys of one command have to be in one slot. */
export const isCluster = (redis: AnyRedis): boolean => redis instanceof Cluster;

/** For /ready. */
export const redisDependency = (redis: AnyRedis) => ({ name: 'redis', check: () => redis.ping() });
