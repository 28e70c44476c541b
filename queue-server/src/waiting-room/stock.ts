import type { Inventory } from '../inventory/inventory.ts';
import type { Pace } from './pace.ts';

/** What product-server said of an event. */
export interface Stock {
  /** What can be held now. */
  left: number;
  /** Nothing can be held, and nothing is that might come back. */
  soldOut: boolean;
}

interface StockOptions {
  inventory: Pick<Inventory, 'availability'>;
  pace: Pick<Pace, 'stock'>;
  elapsed: () => number;
}

interface Word {
  askedAt: number;
  asking: boolean;
  stock: Stock | null;
}

/** The last word of product-server on each event. Nobody waits for the next one: while it is away, the last one stands. */
export function createStockWatch({ inventory, pace, elapsed }: StockOptions) {
  const words = new Map<string, Word>();

  async function ask(eventId: string, word: Word): Promise<void> {
    Object.assign(word, { askedAt: elapsed(), asking: true });
    try {
      const { onSale, available, held } = await inventory.availability(eventId);
      word.stock = { left: onSale ? available : 0, soldOut: available + held === 0 };
    } catch {
      // The client of product-server has said so, in the log and in its figures.
    } finally {
      word.asking = false;
    }
  }

  return {
    /** Null where it has never said anything. */
    of(eventId: string): Stock | null {
      const word = words.get(eventId) ?? { askedAt: Number.NEGATIVE_INFINITY, asking: false, stock: null };
      words.set(eventId, word);
      if (!word.asking && elapsed() - word.askedAt >= pace.stock) void ask(eventId, word);
      return word.stock;
    },
    forget: (eventId: string) => words.delete(eventId),
  };
}
export type StockWatch = ReturnType<typeof createStockWatch>;
