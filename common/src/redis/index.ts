import type { Logger } from '../logging/index.ts';
import { connectionTo, type Redis } from './connections.ts';

export type { Redis } from './connections.ts';
export * from './script.ts';

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
 * @param url of one server, or `redis+cluster://host:port,host:port` of some nodes of a cluster
 */
export function createRedis(url: string, options: RedisOptions): Redis {
  const { name, logger, timeout = 500, silence } = options;
  const redis = connectionTo(url, { name, timeout, silence });
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
  return redis;
}

/** Connects if Redis is there; a server starts without it and says so on /ready. */
export async function connectRedis(redis: Redis): Promise<void> {
  await redis.connect().catch(() => undefined);
}

/** For /ready. */
export const redisDependency = (redis: Redis) => ({ name: 'redis', check: () => redis.ping() });
