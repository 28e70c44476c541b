import type { Line, Shelf, ShelfName, Thing } from './shelf.ts';

/** Always in this order, as all rows are locked in one order. */
const ORDER: readonly ShelfName[] = ['sku', 'seat'];

/** All shelves as one: each is asked about its own things. */
export function createShelves(shelves: Record<ShelfName, Shelf>): Shelf {
  function parted<T extends Thing>(things: readonly T[]): [Shelf, T[]][] {
    return ORDER.flatMap((name) => {
      const own = things.filter(({ shelf }) => shelf === name);
      return own.length > 0 ? [[shelves[name], own] satisfies [Shelf, T[]]] : [];
    });
  }

  async function all(
    lines: readonly Line[],
    act: (shelf: Shelf, own: Line[]) => Promise<boolean>,
  ): Promise<boolean> {
    for (const [shelf, own] of parted(lines)) if (!(await act(shelf, own))) return false;
    return true;
  }

  async function each(lines: readonly Line[], act: (shelf: Shelf, own: Line[]) => Promise<void>) {
    for (const [shelf, own] of parted(lines)) await act(shelf, own);
  }

  return {
    async look(tx, things) {
      const seen = [];
      for (const [shelf, own] of parted(things)) seen.push(...(await shelf.look(tx, own)));
      return seen;
    },
    take: (tx, lines) => all(lines, (shelf, own) => shelf.take(tx, own)),
    giveBack: (tx, lines) => each(lines, (shelf, own) => shelf.giveBack(tx, own)),
    sell: (tx, lines) => each(lines, (shelf, own) => shelf.sell(tx, own)),
    sellFree: (tx, lines) => all(lines, (shelf, own) => shelf.sellFree(tx, own)),
    takeBack: (tx, lines) => each(lines, (shelf, own) => shelf.takeBack(tx, own)),
  };
}
