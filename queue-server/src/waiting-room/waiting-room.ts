import type { Redis } from '@doa-market/common/redis';
import { createActive } from './active.ts';
import { REDIS_CLOCK } from './clock.ts';
import { createGrants } from './grants.ts';
import { PACE, type Pace } from './pace.ts';
import { createPictures } from './pictures.ts';
import { createPlaces } from './places.ts';
import { createReader } from './reader.ts';
import { createRooms } from './rooms.ts';
import { createQueueService } from './service.ts';
import { createStore } from './store.ts';

interface WaitingRoomOptions {
  redis: Redis;
  pace?: Pace;
  /** A prelude of the scripts (clock.ts). */
  clock?: string;
}

/** The waiting rooms of all events, as one process serves them. */
export function createWaitingRoom({ redis, pace = PACE, clock = REDIS_CLOCK }: WaitingRoomOptions) {
  const store = createStore(redis, clock);
  const active = createActive(redis, store.hasPlace);
  const pictures = createPictures({
    redis,
    pace,
    reader: createReader(redis, clock),
    restore: async (eventId, seen) => {
      const holders = places.holdersOf(eventId, seen.incarnation);
      await store.restore(eventId, seen, holders);
    },
  });
  const places = createPlaces({ store, pictures });

  return {
    pictures,
    queue: createQueueService({ store, active, places, pictures }),
    rooms: createRooms({ store, places, pictures }),
    grants: createGrants({ store, active }),
  };
}
export type WaitingRoom = ReturnType<typeof createWaitingRoom>;
