import { createHash } from 'node:crypto';
import type { Redis } from './index.ts';

/** Runs a script with these keys and arguments; what it answers is for the caller to parse. */
export type Script = (keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>;

/**
 * A script that is sent by its digest, and in whole only to a Redis that does not know it yet (a new one, one that was
 * restarted, another node of a cluster). All of `keys` are in one slot.
 */
export function createScript(redis: Redis, source: string): Script {
  const digest = createHash('sha1').update(source).digest('hex');
  return async (keys, args) => {
    try {
      return await redis.evalsha(digest, keys.length, ...keys, ...args);
    } catch (error) {
      if (!isUnknown(error)) throw error;
      return redis.eval(source, keys.length, ...keys, ...args);
    }
  };
}

/** Redis has not run it then, so it may be sent again. */
const isUnknown = (error: unknown): boolean => error instanceof Error && error.message.startsWith('NOSCRIPT');
