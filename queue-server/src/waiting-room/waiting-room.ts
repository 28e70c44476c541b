import type { Logger } from '@doa-market/common/logging';
import type { Metrics } from '@doa-market/common/metrics';
import type { AnyRedis } from '@doa-market/common/redis';
import type { Inventory } from '../inventory/inventory.ts';
import { createActive } from './active.ts';
import { REDIS_CLOCK } from './clock.ts';
import { createWaitingRoomFigures } from './figures.ts';
import { createGrants } from './grants.ts';
import { createLeadership } from './leadership.ts';
import { PACE, type Pace } from './pace.ts';
import { createPictures } from './pictures.ts';
import { createPlaces } from './places.ts';
import { createReader } from './reader.ts';
import { createRooms } from './rooms.ts';
import { type RunningRounds, startRounds } from './rounds.ts';
import { createQueueService } from './service.ts';
import { createStore } from './store.ts';

interface WaitingRoomOptions {
  redis: AnyRedis;
  /** Says what is left to be had. */
  inventory: Pick<Inventory, 'availability'>;
  pace?: Pace;
  /** A prelude of the scripts (clock.ts). */
  clock?: string;
  /** Milliseconds that only go forwards. */
  elapsed?: () => number;
  /** From 0 to 1: what keeps neighbours apart. */
  random?: () => number;
  logger: Logger;
  metrics: Metrics;
}

/** The waiting rooms of all events, as one process serves them. */
export function createWaitingRoom(options: WaitingRoomOptions) {
  const { redis, inventory, pace = PACE, clock = REDIS_CLOCK, logger, metrics } = options;
  const random = options.random ?? Math.random;
  const elapsed = options.elapsed ?? (() => performance.now());
  const store = createStore(redis, clock);
  const active = createActive(redis, store.hasPlace);
  const pictures = createPictures({
    redis,
    pace,
    elapsed,
    random,
    reader: createReader(redis, clock),
    restore: async (eventId, seen) => {
      const holders = places.holdersOf(eventId, seen.incarnation);
      await store.restore(eventId, seen, holders);
    },
  });
  const places = createPlaces({ store, pictures });

  const leadership = createLeadership({ redis, store, pictures, inventory, pace, clock, elapsed });
  createWaitingRoomFigures(metrics, { pictures, leadership });
  let rounds: RunningRounds | undefined;

  return {
    pictures,
    leadership,
    queue: createQueueService({ store, active, places, pictures }),
    rooms: createRooms({ store, places, pictures }),
    grants: createGrants({ store, active }),
    /** Keeps up with the other processes, and leads where nobody does. Until then one looks and leads by hand. */
    start(): void {
      rounds ??= startRounds({ pictures, leadership, pace, logger });
    },
    /** Before Redis is left. */
    async stop(): Promise<void> {
      await rounds?.stop();
    },
  };
}
export type WaitingRoom = ReturnType<typeof createWaitingRoom>;
