import type { HoldState } from '@doa-market/common/contracts';
import type { Database, Transaction } from '../database.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { HoldModel } from '../generated/prisma/models.ts';
import type { Line, Thing } from './shelf.ts';

/** A hold that is asked for: `ttl` in seconds from now. */
export interface Claim {
  owner: string;
  key: string;
  fingerprint: string;
  ttl: number;
}

export interface PricedLine extends Thing {
  quantity: number;
  /** KRW for one */
  price: number;
  place: Place | null;
}

const PLACE = { eventId: true, section: true, row: true, number: true, grade: true } as const;
const withItems = {
  items: { orderBy: { position: 'asc' }, include: { seat: { select: PLACE } } },
} as const;

/**
 * Holds, whose row is the first that every change of them locks. When one expires is for the database's clock to say:
 * the clocks of its many clients may jump.
 */
export function createHoldRepository(database: Database) {
  return {
    async find(id: string, tx: Transaction = database): Promise<StoredHold | null> {
      return tx.hold.findUnique({ where: { id }, include: withItems });
    },

    findByKey: ({ owner, key }: Pick<Claim, 'owner' | 'key'>): Promise<StoredHold | null> =>
      database.hold.findUnique({ where: { owner_key: { owner, key } }, include: withItems }),

    /** The new hold, or undefined where the owner has one of that name: then it waited for that to be committed. */
    async create(
      tx: Transaction,
      claim: Claim,
      lines: readonly PricedLine[],
    ): Promise<StoredHold | undefined> {
      const { owner, key, fingerprint, ttl } = claim;
      const [row] = await tx.$queryRaw<Pick<StoredHold, 'id' | 'expiresAt' | 'createdAt'>[]>`
        WITH hold AS (
          INSERT INTO holds (owner, key, fingerprint, expires_at)
          VALUES (${owner}, ${key}, ${fingerprint}, clock_timestamp() + make_interval(secs => ${ttl}))
          ON CONFLICT (owner, key) DO NOTHING
          RETURNING id, expires_at AS "expiresAt", created_at AS "createdAt"
        ), items AS (
          INSERT INTO hold_items (hold_id, position, sku_id, seat_id, quantity, price)
          SELECT hold.id, line.position, CASE line.shelf WHEN 'sku' THEN line.id END,
                 CASE line.shelf WHEN 'seat' THEN line.id END, line.quantity, line.price
          FROM hold, unnest(${lines.map(({ shelf }) => shelf)}::text[], ${lines.map(({ id }) => id)}::uuid[],
                            ${lines.map(({ quantity }) => quantity)}::int[], ${lines.map(({ price }) => price)}::int[])
            WITH ORDINALITY AS line(shelf, id, quantity, price, position)
        )
        SELECT * FROM hold`;
      return (
        row && { ...row, owner, key, fingerprint, state: 'HELD', settledAt: null, items: lines.map(toItem) }
      );
    },

    /** The hold as it is once nobody else is changing it, and nobody will until the end of `tx`. */
    async lock(tx: Transaction, id: string): Promise<StoredHold | null> {
      await tx.$queryRaw`SELECT FROM holds WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
      return tx.hold.findUnique({ where: { id }, include: withItems });
    },

    /** Whether there is anything to be locked as due; locks nothing itself. */
    async areDue(things?: readonly Thing[]): Promise<boolean> {
      const [row] = await database.$queryRaw<{ due: boolean }[]>`
        SELECT EXISTS (SELECT FROM holds WHERE ${dueOf(things)}) AS due`;
      return row?.due ?? false;
    },

    /** Locks what has expired and nobody else is changing; where things are named, what holds one of them alone. */
    lockDue: (tx: Transaction, limit: number, things?: readonly Thing[]): Promise<string[]> =>
      lockedDue(tx, things, limit, Prisma.sql`SKIP LOCKED`),

    /** The same, but waits for whoever is changing one of them, `patience` milliseconds for each at most. */
    async awaitDue(
      tx: Transaction,
      limit: number,
      things: readonly Thing[],
      patience: number,
    ): Promise<string[]> {
      await tx.$queryRaw`SELECT set_config('lock_timeout', ${String(patience)}, true)`;
      return lockedDue(tx, things, limit, Prisma.empty);
    },

    async linesOf(tx: Transaction, ids: readonly string[]): Promise<Line[]> {
      const items = await tx.holdItem.findMany({ where: { holdId: { in: [...ids] } } });
      return items.map(toLine);
    },

    async settle(tx: Transaction, ids: readonly string[], state: HoldState): Promise<void> {
      await tx.$executeRaw`
        UPDATE holds SET state = ${state}::hold_state, settled_at = clock_timestamp()
        WHERE id = ANY(${ids}::uuid[])`;
    },

    /** Whether it was there to be extended; it never ends sooner than it did. */
    async extend(id: string, ttl: number): Promise<boolean> {
      const extended = await database.$executeRaw`
        UPDATE holds
        SET expires_at = greatest(expires_at, clock_timestamp() + make_interval(secs => ${ttl}))
        WHERE id = ${id}::uuid AND state = 'HELD'`;
      return extended === 1;
    },

    /** Forgets some of what came to nothing, so many days ago. @returns how many */
    forget: (days: number, limit: number): Promise<number> => database.$executeRaw`
      DELETE FROM holds WHERE id IN (
        SELECT id FROM holds
        WHERE state NOT IN ('HELD', 'CONFIRMED')
          AND settled_at < clock_timestamp() - make_interval(days => ${days})
        ORDER BY settled_at
        LIMIT ${limit}
        FOR UPDATE SKIP LOCKED)`,
  };
}
export type HoldRepository = ReturnType<typeof createHoldRepository>;

/** Where a seat is. */
export interface Place {
  eventId: string;
  section: string;
  row: string;
  number: number;
  grade: string;
}

interface StoredItem {
  skuId: string | null;
  seatId: string | null;
  quantity: number;
  price: number;
  seat: Place | null;
}
export type StoredHold = HoldModel & { items: StoredItem[] };

/** What is held of it; the lines of one hold are of different things. */
export const linesIn = ({ id, items }: StoredHold): Line[] =>
  items.map((item) => toLine({ ...item, holdId: id }));

type ItemOfHold = Pick<StoredItem, 'skuId' | 'seatId' | 'quantity'> & { holdId: string };

function toLine({ holdId, skuId, seatId, quantity }: ItemOfHold): Line {
  if (skuId) return { holdId, quantity, shelf: 'sku', id: skuId };
  if (seatId) return { holdId, quantity, shelf: 'seat', id: seatId };
  throw new Error('the item of a hold is nothing');
}

const toItem = ({ shelf, id, quantity, price, place }: PricedLine): StoredItem => ({
  skuId: shelf === 'sku' ? id : null,
  seatId: shelf === 'seat' ? id : null,
  quantity,
  price,
  seat: place,
});

/** Those that expired first, in one order, so that nobody waits in a circle. */
async function lockedDue(
  tx: Transaction,
  things: readonly Thing[] | undefined,
  limit: number,
  ifLocked: Prisma.Sql,
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM holds WHERE ${dueOf(things)}
    ORDER BY expires_at, id
    LIMIT ${limit}
    FOR NO KEY UPDATE ${ifLocked}`;
  return rows.map(({ id }) => id);
}

/** What has expired: of these things alone, where they are named. */
function dueOf(things: readonly Thing[] | undefined): Prisma.Sql {
  const due = Prisma.sql`state = 'HELD' AND expires_at <= clock_timestamp()`;
  if (!things) return due;
  const ids = things.map(({ id }) => id);
  return Prisma.sql`${due} AND EXISTS (
    SELECT FROM hold_items item WHERE item.hold_id = holds.id
      AND (item.sku_id = ANY(${ids}::uuid[]) OR item.seat_id = ANY(${ids}::uuid[])))`;
}
