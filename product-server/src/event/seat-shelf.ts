import { Prisma } from '../generated/prisma/client.ts';
import type { Line, Seen, Shelf } from '../inventory/shelf.ts';

interface Row {
  id: string;
  price: number;
  available: boolean;
  eventId: string;
  slug: string;
  version: number;
}

/** The seats and who holds them as a relation whose rows of `seats` are locked, in the order of their ids. */
const lockedSeats = (lines: readonly Line[]): Prisma.Sql => Prisma.sql`
  WITH wanted AS MATERIALIZED (
    SELECT seat.id, line.hold_id
    FROM unnest(${lines.map(({ id }) => id)}::uuid[], ${lines.map(({ holdId }) => holdId)}::uuid[])
      AS line(id, hold_id)
    JOIN seats seat ON seat.id = line.id
    ORDER BY seat.id
    FOR NO KEY UPDATE OF seat)`;

/** Seats of events, of which there is one each: a seat names the hold that has it. */
export const seatShelf: Shelf = {
  async look(tx, things): Promise<Seen[]> {
    const rows = await tx.$queryRaw<Row[]>`
      SELECT seat.id, seat.price, event.id AS "eventId", event.slug, event.version,
             event.status = 'PUBLISHED' AND seat.status = 'AVAILABLE' AND seat.hold_id IS NULL AS available
      FROM seats seat JOIN events event ON event.id = seat.event_id
      WHERE seat.id = ANY(${things.map(({ id }) => id)}::uuid[])
      ORDER BY seat.id`;
    return rows.map(toSeen);
  },

  async take(tx, lines): Promise<boolean> {
    const taken = await tx.$executeRaw`${lockedSeats(lines)}
      UPDATE seats SET hold_id = wanted.hold_id FROM wanted
      WHERE seats.id = wanted.id AND seats.status = 'AVAILABLE' AND seats.hold_id IS NULL`;
    return taken === lines.length;
  },

  async giveBack(tx, lines): Promise<void> {
    await tx.$executeRaw`${lockedSeats(lines)}
      UPDATE seats SET hold_id = NULL FROM wanted
      WHERE seats.id = wanted.id AND seats.hold_id = wanted.hold_id AND seats.status = 'AVAILABLE'`;
  },

  async sell(tx, lines): Promise<void> {
    const sold = await tx.$executeRaw`${lockedSeats(lines)}
      UPDATE seats SET status = 'SOLD' FROM wanted
      WHERE seats.id = wanted.id AND seats.hold_id = wanted.hold_id AND seats.status = 'AVAILABLE'`;
    if (sold !== lines.length) throw new Error('a hold does not have the seats that it says');
  },

  async sellFree(tx, lines): Promise<boolean> {
    const sold = await tx.$executeRaw`${lockedSeats(lines)}
      UPDATE seats SET status = 'SOLD', hold_id = wanted.hold_id FROM wanted
      WHERE seats.id = wanted.id AND seats.status = 'AVAILABLE' AND seats.hold_id IS NULL`;
    return sold === lines.length;
  },
};

const toSeen = ({ id, price, available, eventId, slug, version }: Row): Seen => ({
  id,
  price,
  available: available ? 1 : 0,
  change: {
    eventType: 'event.changed',
    aggregateType: 'event',
    aggregateId: eventId,
    version,
    payload: { slug, aspects: ['seats'] },
  },
});
