import { setTimeout as delay } from 'node:timers/promises';
import type { Chance } from '@doa-market/common/testing';
import type pg from 'pg';

/** Milliseconds by which a seat map in a browser is old. */
const AGE = 1_000;
const FREE = `SELECT id FROM seats WHERE event_id = $1 AND status = 'AVAILABLE' AND hold_id IS NULL ORDER BY position`;

/** The seats that look free to buyers, who all like the first ones best. */
export function openSeatMap(database: pg.Client, eventId: string) {
  let free: string[] = [];
  let open = true;
  let conflicts = 0;
  const read = async () => {
    free = (await database.query<{ id: string }>(FREE, [eventId])).rows.map(({ id }) => id);
  };
  const reading = (async () => {
    for (; open; await delay(AGE)) await read();
  })();
  // What went wrong is thrown when it is stopped.
  reading.catch(() => undefined);

  return {
    read,
    choose(count: number, chance: Chance): string[] {
      const first = Math.floor(chance.next() ** 2 * free.length);
      return free.slice(first, first + count);
    },
    conflict: () => {
      conflicts += 1;
    },
    conflicts: () => conflicts,
    async stop(): Promise<void> {
      open = false;
      await reading;
    },
  };
}
export type SeatMap = ReturnType<typeof openSeatMap>;
