import { randomUUID } from 'node:crypto';
import { unavailable } from '@doa-market/common/errors';
import type { Redis } from '@doa-market/common/redis';

/** How long a verification may take from its start to its end, in milliseconds. */
const LIFETIME = 1_800_000;

const keyOf = (id: string) => `certification:${id}`;

/** Which verification was begun for whom: somebody else's says nothing of the caller. */
export function createIssued(redis: Redis) {
  const store = async (id: string, memberId: string): Promise<void> => {
    await reachable(redis.set(keyOf(id), memberId, 'PX', LIFETIME));
  };

  return {
    async add(memberId: string): Promise<string> {
      const id = `identity-verification-${randomUUID()}`;
      await store(id, memberId);
      return id;
    },
    isOf: async (id: string, memberId: string): Promise<boolean> =>
      (await reachable(redis.get(keyOf(id)))) === memberId,
    /** True for one of all who come with it. */
    take: async (id: string, memberId: string): Promise<boolean> =>
      (await reachable(redis.getdel(keyOf(id)))) === memberId,
    /** What it was taken for did not come to pass. */
    restore: store,
  };
}
export type Issued = ReturnType<typeof createIssued>;

async function reachable<T>(command: Promise<T>): Promise<T> {
  try {
    return await command;
  } catch (error) {
    throw unavailable(error);
  }
}
