import { AlreadyHandled, type Mark } from '../consumer/handled.ts';
import type { Database, Transaction } from '../database.ts';

/** Runs a transaction. */
export type Transact = <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>;

/**
 * Transactions, in the first of which the event that led to them is noted as handled. An event that comes again finds what
 * is left to do, if its handling was broken off in between: that is done, for the state of the order keeps anything from
 * being done twice.
 */
export function createMarking(database: Database, mark?: Mark) {
  let left = mark;
  let repeated: AlreadyHandled | undefined;

  const transact: Transact = async (work) => {
    const result = await database.$transaction(async (tx) => {
      await left?.(tx).catch((error: unknown) => {
        if (!(error instanceof AlreadyHandled)) throw error;
        repeated = error;
      });
      return work(tx);
    });
    left = undefined;
    return result;
  };

  return {
    transact,
    /** Notes the event in a transaction of its own, if there was no other. @throws {AlreadyHandled} where it came again */
    async finish(): Promise<void> {
      if (left) await transact(async () => undefined);
      if (repeated) throw repeated;
    },
  };
}
