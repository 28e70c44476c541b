import type { Transaction } from '../database.ts';
import type { NewEvent } from '../outbox/record.ts';
import type { Place } from './repository.ts';

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
  /** Of a seat alone. */
  place: Place | null;
  /** What the others are told when that number has changed. */
  change: NewEvent;
}

/**
 * Where things are taken from. Whoever changes rows of a shelf has locked the row of the hold itself before, and locks
 * these in the order of their ids.
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
  /** Ends what `sell` began. */
  takeBack(tx: Transaction, lines: readonly Line[]): Promise<void>;
}

/** What the others are told of these, each product or event once. */
export function changesOf(seen: readonly Seen[]): NewEvent[] {
  return [...new Map(seen.map(({ change }) => [change.aggregateId, change])).values()];
}
