import type { Redis } from '@doa-market/common/redis';

/** How often products were looked at since the last flush, by slug. */
export const PENDING = 'views:pending';

/** Seconds in which one visitor's looks at one product count as one. */
const VISIT = 1_800;
/** Seconds after which views that nobody flushes are given up. */
const PENDING_TTL = 86_400;
/** Products that wait to be flushed at most: slugs come from outside. */
const MAX_PENDING = 100_000;

const COUNT = `
if not redis.call('SET', KEYS[1], 1, 'EX', ARGV[2], 'NX') then return 0 end
if redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[4]) then return 0 end
redis.call('HINCRBY', KEYS[2], ARGV[1], 1)
redis.call('EXPIRE', KEYS[2], ARGV[3])
return 1`;

/** Counts in Redis: pages come from caches, and a row that every look would update is one that all wait for. */
export function createViewCounter(redis: Redis) {
  return {
    /** Counts a visitor's look at a product, once in half an hour. @returns whether it counts */
    async count(visitor: string, slug: string): Promise<boolean> {
      const seen = `views:seen:${visitor}:${slug}`;
      return (await redis.eval(COUNT, 2, seen, PENDING, slug, VISIT, PENDING_TTL, MAX_PENDING)) === 1;
    },
  };
}
export type ViewCounter = ReturnType<typeof createViewCounter>;
