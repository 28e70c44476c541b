import { createHash, randomBytes } from 'node:crypto';
import { unavailable } from '@doa-market/common/errors';
import type { Redis } from '@doa-market/common/redis';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

interface RecordOptions<T extends TSchema> {
  redis: Redis;
  /** What it is for: part of the key, so that a handle is good for nothing else. */
  purpose: string;
  schema: T;
  /** Milliseconds. */
  lifetime: number;
}

/** What one browser is in the middle of, found by a secret handle of which Redis has the digest alone. */
export function createRecords<T extends TSchema>({ redis, purpose, schema, lifetime }: RecordOptions<T>) {
  const validator = Compile(schema);
  const keyOf = (handle: string) =>
    `social:${purpose}:${createHash('sha256').update(handle).digest('base64url')}`;

  const store = async (handle: string, record: Static<T>): Promise<void> => {
    await reachable(redis.set(keyOf(handle), JSON.stringify(record), 'PX', lifetime));
  };

  return {
    /** A handle by which the record is found once. @throws {ProblemError} 503 */
    async add(record: Static<T>): Promise<string> {
      const handle = newHandle();
      await store(handle, record);
      return handle;
    },
    store,
    /** Found and gone in one step: of many who come with it at once, one gets it. @throws {ProblemError} 503 */
    async take(handle: string): Promise<Static<T> | undefined> {
      const found = await reachable(redis.getdel(keyOf(handle)));
      const value: unknown = found === null ? undefined : JSON.parse(found);
      return validator.Check(value) ? value : undefined;
    },
  };
}

export const newHandle = (): string => randomBytes(32).toString('base64url');

async function reachable<T>(command: Promise<T>): Promise<T> {
  try {
    return await command;
  } catch (error) {
    throw unavailable(error);
  }
}
