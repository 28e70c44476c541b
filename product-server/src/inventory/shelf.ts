import type { Transaction } from '../database.ts';
import type { NewEvent } from '../outbox/record.ts';

export type ShelfName = 'sku' | 'seat';

/** What can be held, and where it is found. */
export interface Thing {
  shelf: ShelfName;
  id: string;
}

/** So many of one thing that a hold has, or asks for. */
export interface Line extends Thing {
  holdId: string;
  quantity: number;
}

/** A thing as it is on its shelf at the moment. */
export interface Seen {
  id: string;
  /** KRW */
  price: number;
  /** How many can be held. */
  available: number;
  /** What the others are told when that number has changed. */
  change: NewEvent;
}

/**
 * Where things are taken from. Whoever changes more than one row of a shelf does it in the order of the ids, in one
 * statement, after the row of the hold itself: so nobody ever waits in a circle.
 */
export interface Shelf {
  /** What is there of these; locks nothing, and what does not exist is left out. */
  look(tx: Transaction, things: readonly Thing[]): Promise<Seen[]>;
  /** Holds all of them, or says false: then the transaction must not be committed. */
  take(tx: Transaction, lines: readonly Line[]): Promise<boolean>;
  /** Ends what `take` began; the lines may belong to many holds. */
  giveBack(tx: Transaction, lines: readonly Line[]): Promise<void>;
  /** Makes what is held sold. */
  sell(tx: Transaction, lines: readonly Line[]): Promise<void>;
  /** Sells what is not held any more, all of it, or says false as `take` does. */
  sellFree(tx: Transaction, lines: readonly Line[]): Promise<boolean>;
}

/** What the others are told of these, each product or event once. */
export function changesOf(seen: readonly Seen[]): NewEvent[] {
  return [...new Map(seen.map(({ change }) => [change.aggregateId, change])).values()];
}
