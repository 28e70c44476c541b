import { type Database, isLockTimeout, type Transaction } from '../database.ts';
import { recordEvents } from '../outbox/record.ts';
import type { HoldRepository } from './repository.ts';
import { changesOf, type Shelf, type Thing } from './shelf.ts';

/** Holds that one transaction takes back: it keeps their things locked meanwhile. */
const BATCH = 50;
/** Milliseconds that whoever needs something waits for one who is just taking it back: that takes a few. */
const PATIENCE = 1_000;

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
  async function takeBack(lock: (tx: Transaction) => Promise<string[]>): Promise<number> {
    return database.$transaction(async (tx) => {
      const due = await lock(tx);
      if (due.length === 0) return 0;
      const lines = await holds.linesOf(tx, due);
      await holds.settle(tx, due, 'EXPIRED');
      await recordEvents(tx, changesOf(await shelf.look(tx, lines)));
      await shelf.giveBack(tx, lines);
      return due.length;
    });
  }

  /** What others are at is taken back by them, or sold: who needs it now waits to see which. */
  async function takeBackPatiently(things: readonly Thing[]): Promise<number> {
    try {
      return await takeBack((tx) => holds.awaitDue(tx, BATCH, things, PATIENCE));
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      return 0;
    }
  }

  /** Takes back some of what has expired: of these things alone, where they are named. @returns how many holds */
  return async function sweep(things?: readonly Thing[]): Promise<number> {
    if (!(await holds.areDue(things))) return 0;
    const taken = await takeBack((tx) => holds.lockDue(tx, BATCH, things));
    return taken > 0 || !things ? taken : takeBackPatiently(things);
  };
}
export type Sweep = ReturnType<typeof createSweeper>;
