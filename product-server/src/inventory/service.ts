import { createHash } from 'node:crypto';
import type { Hold, UnavailableItem } from '@doa-market/common/contracts';
import { ProblemError, unavailable } from '@doa-market/common/errors';
import type { Database, Transaction } from '../database.ts';
import { recordEvents } from '../outbox/record.ts';
import { addedUp } from './demand.ts';
import { toHold } from './presentation.ts';
import {
  holdIsNotSold,
  holdIsOver,
  holdIsSold,
  holdNotFound,
  keyOfAnother,
  notAvailable,
} from './refusals.ts';
import { type HoldRepository, linesIn, type StoredHold } from './repository.ts';
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
  /** Throws where such a hold may not be made; one that is there is answered all the same. */
  admit?: () => Promise<void>;
}

interface HoldParts {
  database: Database;
  holds: HoldRepository;
  shelf: Shelf;
  sweep: Sweep;
}

type Wanted = Omit<Line, 'holdId'>;

/** Not all of it was to be had: nothing of the transaction must stay. */
class Short extends Error {}

/**
 * What is held, sold and given back: each verb is one transaction that does all of it or nothing, and repeated it
 * answers as it did. The rows that everybody wants are locked last, right before the commit.
 */
export function createHolds({ database, holds, shelf, sweep }: HoldParts) {
  /** What there is of all lines, after taking back what has expired of them. @throws {ProblemError} 409 naming what is short */
  async function assertAvailable(lines: readonly Wanted[], first?: Seen[]): Promise<Seen[]> {
    let seen = first ?? (await shelf.look(database, lines));
    for (let short = shortOf(lines, seen); short.length > 0; ) {
      const swept = await sweep(short);
      // Looked at after, for somebody else may have taken it back.
      seen = await shelf.look(database, lines);
      short = shortOf(lines, seen);
      if (swept === 0 && short.length > 0) throw notAvailable(short);
    }
    return seen;
  }

  /** Runs `work`, again where somebody was faster but it can still be had. @throws {ProblemError} 409, 503 */
  async function allOrNothing<T>(
    linesOf: () => Promise<readonly Wanted[]>,
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
        const first = await shelf.look(database, lines);
        // One that is there may be all that makes it short, and is not taken back by being asked for again.
        const earlier = shortOf(lines, first).length > 0 ? await replay() : undefined;
        if (earlier) return earlier;
        const seen = await assertAvailable(lines, first);
        const found = new Map(seen.map((it) => [it.id, it]));
        const priced = lines.map((line) => {
          const { price, place } = found.get(line.id) ?? { price: 0, place: null };
          return { ...line, price, place };
        });
        const made = await allOrNothing(
          async () => lines,
          async (tx) => {
            const hold = await holds.create(tx, { owner, key, fingerprint, ttl }, priced);
            if (!hold) return undefined;
            await recordEvents(tx, changesOf(seen));
            if (!(await shelf.take(tx, linesIn(hold)))) throw new Short();
            return hold;
          },
        );
        const hold = made ? toHold(made) : await replay();
        if (!hold) throw unavailable();
        return hold;
      };

      return make().catch(async (error: unknown) => {
        // It may be refused only because it is there, asked for once before.
        const earlier = error instanceof ProblemError ? await replay() : undefined;
        if (!earlier) throw error;
        return earlier;
      });
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
          if (hold.state === 'RELEASED' || hold.state === 'RETURNED') throw holdIsOver();
          const lines = linesIn(hold);
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
        if (hold.state === 'RETURNED') throw holdIsOver();
        if (hold.state === 'RELEASED') return toHold(hold);
        await holds.settle(tx, [id], 'RELEASED');
        if (hold.state === 'HELD') {
          const lines = linesIn(hold);
          await announce(tx, lines);
          await shelf.giveBack(tx, lines);
        }
        return toHold({ ...hold, state: 'RELEASED' });
      }),

    /** Takes back what was sold. @throws {ProblemError} 409 for what was not */
    giveBack: (id: string): Promise<Hold> =>
      database.$transaction(async (tx) => {
        const hold = await locked(tx, id);
        if (hold.state === 'RETURNED') return toHold(hold);
        if (hold.state !== 'CONFIRMED') throw holdIsNotSold();
        const lines = linesIn(hold);
        await holds.settle(tx, [id], 'RETURNED');
        await announce(tx, lines);
        await shelf.takeBack(tx, lines);
        return toHold({ ...hold, state: 'RETURNED' });
      }),
  };
}
export type Holds = ReturnType<typeof createHolds>;

function shortOf(lines: readonly Wanted[], seen: readonly Seen[]): (Wanted & UnavailableItem)[] {
  const left = new Map(seen.map(({ id, available }) => [id, available]));
  return lines.flatMap((line) => {
    const available = left.get(line.id) ?? 0;
    return available < line.quantity ? [{ ...line, available }] : [];
  });
}
