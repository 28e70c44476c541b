import type { QueueSettings, QueueStats } from '@doa-market/common/contracts';
import type { Places } from './places.ts';
import { noRoom } from './refusals.ts';
import type { Store } from './store.ts';
import type { Pictures } from './types.ts';

interface Parts {
  store: Store;
  places: Places;
  pictures: Pictures;
}

/** What operators do with waiting rooms. @throws {ProblemError} 503 from every verb while Redis is away */
export function createRooms({ store, places, pictures }: Parts) {
  async function changed(eventId: string): Promise<QueueStats> {
    await pictures.refresh(eventId);
    return pictures.stats(eventId);
  }

  return {
    /** Makes a waiting room, or changes the settings of the one that is there. */
    async put(
      eventId: string,
      { opensAt, rate, capacity, graceSeconds }: QueueSettings,
    ): Promise<QueueStats> {
      const at = typeof opensAt === 'string' ? Date.parse(opensAt) : opensAt;
      await store.put(eventId, { opensAt: at, rate, capacity, grace: graceSeconds });
      return changed(eventId);
    },

    /** There is no waiting room any more: seats may be had without one. */
    async remove(eventId: string): Promise<void> {
      await store.remove(eventId);
      places.drop(eventId);
      await pictures.refresh(eventId);
    },

    /** Draws the numbers and lets members in; nothing where that was done. @throws {ProblemError} 404 QUE_4040 */
    async open(eventId: string): Promise<QueueStats> {
      await store.open(eventId, { ifDue: false });
      return changed(eventId);
    },

    /** @throws {ProblemError} 404 QUE_4040 */
    async pause(eventId: string): Promise<QueueStats> {
      if (!(await store.pause(eventId))) throw noRoom();
      return changed(eventId);
    },

    /** @throws {ProblemError} 404 QUE_4040 */
    async resume(eventId: string): Promise<QueueStats> {
      if (!(await store.resume(eventId))) throw noRoom();
      return changed(eventId);
    },
  };
}
export type Rooms = ReturnType<typeof createRooms>;
