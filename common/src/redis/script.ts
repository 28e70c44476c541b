import { createHash } from 'node:crypto';
import type { AnyRedis } from './connections.ts';

/** Runs a script with these keys and arguments; what it answers is for the caller to parse. */
export type Script = (
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
) => Promise<unknown>;

/**
 * A script that is sent by its digest, and in whole only to a Redis that does not know it yet (a new one, one that was
 * restarted, another node of a cluster). All of `keys` are in one slot.
 */
export const createScript = (redis: AnyRedis, source: string): Script =>
  byDigest(source, {
    known: (digest, keys, args) => redis.evalsha(digest, keys.length, ...keys, ...args),
    whole: (keys, args) => redis.eval(source, keys.length, ...keys, ...args),
  });

/** The same, of a script whose texts are answered as the bytes that they are. */
export const createBinaryScript = (redis: AnyRedis, source: string): Script =>
  byDigest(source, {
    known: (digest, keys, args) => redis.callBuffer('evalsha', [digest, keys.length, ...keys, ...args]),
    whole: (keys, args) => redis.callBuffer('eval', [source, keys.length, ...keys, ...args]),
  });

interface Ways {
  known: (digest: string, ...call: Parameters<Script>) => Promise<unknown>;
  whole: Script;
}

function byDigest(source: string, { known, whole }: Ways): Script {
  const digest = createHash('sha1').update(source).digest('hex');
  return async (keys, args) => {
    try {
      return await known(digest, keys, args);
    } catch (error) {
      if (!isUnknown(error)) throw error;
      return whole(keys, args);
    }
  };
}

/** Redis has not run it then, so it may be sent again. */
const isUnknown = (error: unknown): boolean => error instanceof Error && error.message.startsWith('NOSCRIPT');
