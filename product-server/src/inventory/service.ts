import { createHash } from 'node:crypto';
import type { Hold } from '@doa-market/common/contracts';
import { unavailable } from '@doa-market/common/errors';
import type { Database, Transaction } from '../database.ts';
import { recordEvents } from '../outbox/record.ts';
import { addedUp } from './demand.ts';
import { toHold } from './presentation.ts';
import { holdIsOver, holdIsSold, holdNotFound, keyOfAnother, notAvailable } from './refusals.ts';
import type { HoldRepository, StoredHold } from './repository.ts';
import { changesOf, type Line, type Seen, type Shelf, type ShelfName } from './shelf.ts';
import type { Sweep } from './sweeper.ts';

/** How often something is tried again that was there a moment ago, and gone when it was to be taken. */
const ATTEMPTS = 3;

/** Who asks for what; `ttl` in seconds. */
export interface Wish {
  owner: string;
  key: string;
  ttl: number;
  shelf: ShelfName;
  lines: readonly { id: string; quantity: number }[];
  /** Throws where such a hold may not be made; not asked about one that is there. */
  admit?: () => Promise<void>;
}

interface HoldParts {
  database: Database;
  holds: HoldRepository;
  shelf: Shelf;
  sweep: Sweep;
}

/** Not all of it was to be had: nothing of the transaction must stay. */
class Short extends Error {}

/**
 * What is held, sold and given back: each verb is one transaction that does all of it or nothing, and repeated it
 * answers as it did. The rows that everybody wants are locked last, right before the commit.
 */
export function createHolds({ database, holds, shelf, sweep }: HoldParts) {
  /** What there is of all lines, after taking back what has expired of them. @throws {ProblemError} 409 naming what is short */
  async function assertAvailable(lines: readonly Omit<Line, 'holdId'>[]): Promise<Seen[]> {
    for (;;) {
      const seen = await shelf.look(database, lines);
      const left = new Map(seen.map(({ id, available }) => [id, available]));
      const short = lines.filter(({ id, quantity }) => (left.get(id) ?? 0) < quantity);
      if (short.length === 0) return seen;
      if ((await sweep(short)) === 0) {
        throw notAvailable(short.map(({ id }) => ({ id, available: left.get(id) ?? 0 })));
      }
    }
  }

  /** Runs `work`, again where somebody was faster but it can still be had. @throws {ProblemError} 409, 503 */
  async function allOrNothing<T>(
    linesOf: () => Promise<readonly Omit<Line, 'holdId'>[]>,
    work: (tx: Transaction) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      try {
        return await database.$transaction(work);
      } catch (error) {
        if (!(error instanceof Short)) throw error;
        await assertAvailable(await linesOf());
      }
    }
    throw unavailable();
  }

  async function locked(tx: Transaction, id: string): Promise<StoredHold> {
    const hold = await holds.lock(tx, id);
    if (!hold) throw holdNotFound();
    return hold;
  }

  async function announce(tx: Transaction, lines: readonly Line[]): Promise<void> {
    await recordEvents(tx, changesOf(await shelf.look(tx, lines)));
  }

  return {
    async find(id: string): Promise<Hold> {
      const hold = await holds.find(id);
      if (!hold) throw holdNotFound();
      return toHold(hold);
    },

    /** The owner's hold of that key: the one that is there, whatever has become of it, or a new one. */
    async hold({ owner, key, ttl, shelf: name, lines: wanted, admit }: Wish): Promise<Hold> {
      const lines = addedUp(wanted).map((line) => ({ ...line, shelf: name }));
      const fingerprint = createHash('sha256').update(JSON.stringify(lines)).digest('hex');
      const replay = async (): Promise<Hold | undefined> => {
        const earlier = await holds.findByKey({ owner, key });
        if (earlier && earlier.fingerprint !== fingerprint) throw keyOfAnother();
        return earlier ? toHold(earlier) : undefined;
      };

      const make = async (): Promise<Hold> => {
        await admit?.();
        const seen = await assertAvailable(lines);
        const prices = new Map(seen.map(({ id, price }) => [id, price]));
        const priced = lines.map((line) => ({ ...line, price: prices.get(line.id) ?? 0 }));
        const made = await allOrNothing(
          async () => lines,
          async (tx) => {
            const id = await holds.create(tx, { owner, key, fingerprint, ttl }, priced);
            if (!id) return undefined;
            const hold = await holds.find(id, tx);
            await recordEvents(tx, changesOf(seen));
            const own = lines.map((line) => ({ ...line, holdId: id }));
            if (!(await shelf.take(tx, own))) throw new Short();
            return hold;
          },
        );
        const hold = made ? toHold(made) : await replay();
        if (!hold) throw unavailable();
        return hold;
      };

      return (
        (await replay()) ??
        make().catch(async (error: unknown) => {
          // What is gone may be with the same hold, asked for twice at once.
          const earlier = await replay();
          if (!earlier) throw error;
          return earlier;
        })
      );
    },

    /** For at least so many seconds from now. @throws {ProblemError} 409 for what was given or taken back */
    async extend(id: string, ttl: number): Promise<Hold> {
      const extended = await holds.extend(id, ttl);
      const hold = await holds.find(id);
      if (!hold) throw holdNotFound();
      if (!extended && hold.state !== 'CONFIRMED') throw holdIsOver();
      return toHold(hold);
    },

    /** Sells what is held; what had expired meanwhile, if all of it is still there. */
    confirm: (id: string): Promise<Hold> =>
      allOrNothing(
        () => holds.linesOf(database, [id]),
        async (tx) => {
          const hold = await locked(tx, id);
          if (hold.state === 'CONFIRMED') return toHold(hold);
          if (hold.state === 'RELEASED') throw holdIsOver();
          const lines = await holds.linesOf(tx, [id]);
          await holds.settle(tx, [id], 'CONFIRMED');
          if (hold.state === 'HELD') {
            await shelf.sell(tx, lines);
          } else {
            await announce(tx, lines);
            if (!(await shelf.sellFree(tx, lines))) throw new Short();
          }
          return toHold({ ...hold, state: 'CONFIRMED' });
        },
      ),

    /** Gives back what is held. @throws {ProblemError} 409 for what was sold */
    release: (id: string): Promise<Hold> =>
      database.$transaction(async (tx) => {
        const hold = await locked(tx, id);
        if (hold.state === 'CONFIRMED') throw holdIsSold();
        if (hold.state === 'RELEASED') return toHold(hold);
        await holds.settle(tx, [id], 'RELEASED');
        if (hold.state === 'HELD') {
          const lines = await holds.linesOf(tx, [id]);
          await announce(tx, lines);
          await shelf.giveBack(tx, lines);
        }
        return toHold({ ...hold, state: 'RELEASED' });
      }),
  };
}
export type Holds = ReturnType<typeof createHolds>;
