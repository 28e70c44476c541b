import type { CatalogueEvent } from '@doa-market/common/contracts';
import type { Redis } from '@doa-market/common/redis';

/** Ids of the events that every cache was told of, by the time when that was done. */
const APPLIED = 'freshness:applied';
/** Milliseconds that an id is remembered: longer than any event waits to be looked at again. */
const REMEMBERED = 20 * 60_000;

/** What was done lately. It is in the same Redis as the stream, so that whatever loses the one loses the other. */
export const createApplied = (redis: Redis) => ({
  async add(events: readonly CatalogueEvent[]): Promise<void> {
    if (events.length === 0) return;
    const now = Date.now();
    await redis.zadd(APPLIED, ...events.flatMap(({ eventId }) => [now, eventId]));
    await redis.zremrangebyscore(APPLIED, 0, now - REMEMBERED);
  },
  /** Those that are not known to be done. */
  async missing<Event extends CatalogueEvent>(events: readonly Event[]): Promise<Event[]> {
    if (events.length === 0) return [];
    const scores = await redis.zmscore(APPLIED, ...events.map(({ eventId }) => eventId));
    return events.filter((_, index) => scores[index] == null);
  },
});
export type Applied = ReturnType<typeof createApplied>;
