import { CATALOGUE_STREAM, type CatalogueEvent } from '@doa-market/common/contracts';
import {
  catalogueEventIn,
  createStreamReader,
  groupState,
  type StreamEntry,
} from '@doa-market/common/events';
import type { Redis } from '@doa-market/common/redis';

const GROUP = 'freshness';
/** Where events go whose caches could not be told. */
export const DEAD_STREAM = `${CATALOGUE_STREAM}:dead`;
const DEAD_LENGTH = 1_000;

export type Entry = StreamEntry<CatalogueEvent>;

/** The catalogue's events as one of several bff-servers sees them. `redis` is this reader's alone. */
export const createStream = (redis: Redis, reader: string) => ({
  ...createStreamReader({
    ...{ redis, reader },
    ...{ stream: CATALOGUE_STREAM, group: GROUP, eventIn: catalogueEventIn },
  }),
  /** Keeps what could not be done for somebody to look at. */
  async bury(entries: readonly Entry[], reason: string): Promise<void> {
    for (const { event } of entries) {
      const text = JSON.stringify(event ?? null);
      await redis.xadd(DEAD_STREAM, 'MAXLEN', '~', DEAD_LENGTH, '*', 'event', text, 'reason', reason);
    }
  },
});
export type Stream = ReturnType<typeof createStream>;

/** How far all bff-servers are behind. */
export const freshnessState = (redis: Redis) => groupState(redis, { stream: CATALOGUE_STREAM, group: GROUP });
