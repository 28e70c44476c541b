import { EMPTY, eachBit, eachChange, hasBit, withBit } from './bitmap.ts';
import { createCountTree } from './count-tree.ts';
import type { Numbers } from './draw.ts';

/** The bitmaps of a room, by receipt (keys.ts). */
export interface Bitmaps {
  gone: Uint8Array;
  missed: Uint8Array;
  claimed: Uint8Array;
}
const MARKS = ['gone', 'missed', 'claimed'] as const;
type Mark = (typeof MARKS)[number];

/**
 * Who is before whom. What is told about receipts is counted by numbers, of which there are none before the opening. A
 * change costs O(log n), a question too; 200,000 places take some two megabytes.
 */
export function createPositions() {
  const marks: Bitmaps = { gone: EMPTY, missed: EMPTY, claimed: EMPTY };
  const counts = { gone: 0, missed: 0, claimed: 0 };
  const missed = new Set<number>();
  /** Powers of two, as they double. */
  const trees = { gone: createCountTree(), missed: createCountTree() };
  let numbers: Numbers | null = null;
  let over = 0;

  const isOver = (receipt: number) => hasBit(marks.gone, receipt) || hasBit(marks.claimed, receipt);

  function count(mark: Mark, receipt: number, by: 1 | -1): void {
    counts[mark] += by;
    if (mark === 'missed') {
      if (by > 0) missed.add(receipt);
      else missed.delete(receipt);
    }
    if (numbers && mark !== 'claimed') trees[mark].add(numbers.numberOf(receipt), by);
  }

  function replace(mark: Mark, bitmap: Uint8Array): void {
    const before = marks[mark];
    const other = mark === 'gone' ? marks.claimed : marks.gone;
    marks[mark] = bitmap;
    eachChange(before, bitmap, (receipt) => {
      const by = hasBit(bitmap, receipt) ? 1 : -1;
      count(mark, receipt, by);
      if (mark !== 'missed' && !hasBit(other, receipt)) over += by;
    });
  }

  return {
    is: (mark: Mark, receipt: number): boolean => hasBit(marks[mark], receipt),
    counts: counts as Readonly<Record<Mark, number>>,
    /** Of places that nobody waits in any more, as they are gone or claimed: whether it is one, and how many there are. */
    isOver,
    over: (): number => over,
    /** Receipts of who is missed, in no order. */
    missed: missed as ReadonlySet<number>,
    numberOf: (receipt: number): number | null => numbers?.numberOf(receipt) ?? null,
    receiptOf: (number: number): number | null => numbers?.receiptOf(number) ?? null,

    /** Takes the bitmaps over as they are in Redis: only what is other than before is looked at. */
    update(bitmaps: Bitmaps): void {
      for (const mark of MARKS) replace(mark, bitmaps[mark]);
    },
    /** Sets one bit before the next update does. */
    mark(mark: Mark, receipt: number): void {
      if (hasBit(marks[mark], receipt)) return;
      if (mark !== 'missed' && !isOver(receipt)) over += 1;
      marks[mark] = withBit(marks[mark], receipt);
      count(mark, receipt, 1);
    },
    /** Numbers are there, are other ones, or (null) are no more. */
    renumber(next: Numbers | null): void {
      numbers = next;
      for (const mark of ['gone', 'missed'] as const) {
        trees[mark].clear();
        if (next) eachBit(marks[mark], (receipt) => trees[mark].add(next.numberOf(receipt), 1));
      }
    },

    /** How many numbers after the cursor and before this one have their place still. */
    waitingBefore: (number: number, cursor: number): number =>
      number - 1 - cursor - (trees.gone.upTo(number - 1) - trees.gone.upTo(cursor)),
    /** How many with a lower number were missed. */
    missedBefore: (number: number): number => trees.missed.upTo(number - 1),
  };
}
export type Positions = ReturnType<typeof createPositions>;
