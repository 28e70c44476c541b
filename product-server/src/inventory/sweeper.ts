import type { Database } from '../database.ts';
import { recordEvents } from '../outbox/record.ts';
import type { HoldRepository } from './repository.ts';
import { changesOf, type Shelf, type Thing } from './shelf.ts';

/** Holds that one transaction takes back: it keeps their things locked meanwhile. */
const BATCH = 50;

interface SweeperParts {
  database: Database;
  holds: HoldRepository;
  shelf: Shelf;
}

/**
 * Takes back what has expired. Any number of processes may: each takes holds that nobody else is at, so one that is
 * being confirmed is left to be sold.
 */
export function createSweeper({ database, holds, shelf }: SweeperParts) {
  /** Takes back some of what has expired: of these things alone, where they are named. @returns how many holds */
  return async function sweep(things?: readonly Thing[]): Promise<number> {
    if (!(await holds.areDue(things))) return 0;
    return database.$transaction(async (tx) => {
      const due = await holds.lockDue(tx, BATCH, things);
      if (due.length === 0) return 0;
      const lines = await holds.linesOf(tx, due);
      await holds.settle(tx, due, 'EXPIRED');
      await recordEvents(tx, changesOf(await shelf.look(tx, lines)));
      await shelf.giveBack(tx, lines);
      return due.length;
    });
  };
}
export type Sweep = ReturnType<typeof createSweeper>;
