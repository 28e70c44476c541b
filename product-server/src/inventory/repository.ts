import type { HoldState } from '@doa-market/common/contracts';
import type { Database, Transaction } from '../database.ts';
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

    /** The new hold's id, or undefined where the owner has one of that name: then it waited for that to be committed. */
    async create(tx: Transaction, claim: Claim, lines: readonly PricedLine[]): Promise<string | undefined> {
      const { owner, key, fingerprint, ttl } = claim;
      const [row] = await tx.$queryRaw<{ id: string }[]>`
        WITH hold AS (
          INSERT INTO holds (owner, key, fingerprint, expires_at)
          VALUES (${owner}, ${key}, ${fingerprint}, clock_timestamp() + make_interval(secs => ${ttl}))
          ON CONFLICT (owner, key) DO NOTHING
          RETURNING id
        ), items AS (
          INSERT INTO hold_items (hold_id, position, sku_id, seat_id, quantity, price)
          SELECT hold.id, line.position, CASE line.shelf WHEN 'sku' THEN line.id END,
                 CASE line.shelf WHEN 'seat' THEN line.id END, line.quantity, line.price
          FROM hold, unnest(${lines.map(({ shelf }) => shelf)}::text[], ${lines.map(({ id }) => id)}::uuid[],
                            ${lines.map(({ quantity }) => quantity)}::int[], ${lines.map(({ price }) => price)}::int[])
            WITH ORDINALITY AS line(shelf, id, quantity, price, position)
        )
        SELECT id FROM hold`;
      return row?.id;
    },

    /** The hold as it is once nobody else is changing it, and nobody will until the end of `tx`. */
    async lock(tx: Transaction, id: string): Promise<StoredHold | null> {
      await tx.$queryRaw`SELECT FROM holds WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
      return tx.hold.findUnique({ where: { id }, include: withItems });
    },

    /** Locks what has expired and nobody else is changing; where things are named, what holds one of them alone. */
    async lockDue(tx: Transaction, limit: number, things?: readonly Thing[]): Promise<string[]> {
      const ids = things?.map(({ id }) => id);
      const rows = await tx.$queryRaw<{ id: string }[]>`
        SELECT id FROM holds
        WHERE state = 'HELD' AND expires_at <= clock_timestamp() AND (${ids === undefined} OR EXISTS (
          SELECT FROM hold_items item WHERE item.hold_id = holds.id
            AND (item.sku_id = ANY(${ids ?? []}::uuid[]) OR item.seat_id = ANY(${ids ?? []}::uuid[]))))
        ORDER BY expires_at
        LIMIT ${limit}
        FOR NO KEY UPDATE SKIP LOCKED`;
      return rows.map(({ id }) => id);
    },

    async linesOf(tx: Transaction, ids: readonly string[]): Promise<Line[]> {
      const items = await tx.holdItem.findMany({ where: { holdId: { in: [...ids] } } });
      return items.map(({ holdId, quantity, ...item }) => ({ holdId, quantity, ...thingOf(item) }));
    },

    async settle(tx: Transaction, ids: readonly string[], state: HoldState): Promise<void> {
      await tx.hold.updateMany({ where: { id: { in: [...ids] } }, data: { state } });
    },

    /** Whether it was there to be extended; it never ends sooner than it did. */
    async extend(id: string, ttl: number): Promise<boolean> {
      const extended = await database.$executeRaw`
        UPDATE holds
        SET expires_at = greatest(expires_at, clock_timestamp() + make_interval(secs => ${ttl}))
        WHERE id = ${id}::uuid AND state = 'HELD'`;
      return extended === 1;
    },
  };
}
export type HoldRepository = ReturnType<typeof createHoldRepository>;

interface StoredItem {
  skuId: string | null;
  seatId: string | null;
  quantity: number;
  price: number;
  seat: { eventId: string; section: string; row: string; number: number; grade: string } | null;
}
export type StoredHold = HoldModel & { items: StoredItem[] };

function thingOf({ skuId, seatId }: Pick<StoredItem, 'skuId' | 'seatId'>): Thing {
  if (skuId) return { shelf: 'sku', id: skuId };
  if (seatId) return { shelf: 'seat', id: seatId };
  throw new Error('the item of a hold is nothing');
}
