import { Prisma } from '../generated/prisma/client.ts';
import { lockInOrder } from '../inventory/lock.ts';
import type { Line, Seen, Shelf } from '../inventory/shelf.ts';

interface Row {
  id: string;
  price: number;
  available: boolean;
  eventId: string;
  section: string;
  row: string;
  number: number;
  grade: string;
  slug: string;
  version: number;
}

/** The seats and whose hold each is for, as a relation. */
const wanted = (lines: readonly Line[]): Prisma.Sql =>
  Prisma.sql`unnest(${lines.map(({ id }) => id)}::uuid[], ${lines.map(({ holdId }) => holdId)}::uuid[])
    AS wanted(id, hold_id)`;

/** Seats of events, of which there is one each: a seat names the hold that has it. */
export const seatShelf: Shelf = {
  async look(tx, things): Promise<Seen[]> {
    const rows = await tx.$queryRaw<Row[]>`
      SELECT seat.id, seat.price, seat.section, seat.row, seat.number, seat.grade,
             event.id AS "eventId", event.slug, event.version,
             event.status = 'PUBLISHED' AND seat.status = 'AVAILABLE' AND seat.hold_id IS NULL AS available
      FROM seats seat JOIN events event ON event.id = seat.event_id
      WHERE seat.id = ANY(${things.map(({ id }) => id)}::uuid[])
      ORDER BY seat.id`;
    return rows.map(toSeen);
  },

  async take(tx, lines): Promise<boolean> {
    await lockInOrder(tx, 'seats', lines);
    const taken = await tx.$executeRaw`
      UPDATE seats SET hold_id = wanted.hold_id FROM ${wanted(lines)}
      WHERE seats.id = wanted.id AND seats.status = 'AVAILABLE' AND seats.hold_id IS NULL`;
    return taken === lines.length;
  },

  async giveBack(tx, lines): Promise<void> {
    await lockInOrder(tx, 'seats', lines);
    await tx.$executeRaw`
      UPDATE seats SET hold_id = NULL FROM ${wanted(lines)}
      WHERE seats.id = wanted.id AND seats.hold_id = wanted.hold_id AND seats.status = 'AVAILABLE'`;
  },

  async sell(tx, lines): Promise<void> {
    await lockInOrder(tx, 'seats', lines);
    const sold = await tx.$executeRaw`
      UPDATE seats SET status = 'SOLD' FROM ${wanted(lines)}
      WHERE seats.id = wanted.id AND seats.hold_id = wanted.hold_id AND seats.status = 'AVAILABLE'`;
    if (sold !== lines.length) throw new Error('a hold does not have the seats that it says');
  },

  async sellFree(tx, lines): Promise<boolean> {
    await lockInOrder(tx, 'seats', lines);
    const sold = await tx.$executeRaw`
      UPDATE seats SET status = 'SOLD', hold_id = wanted.hold_id FROM ${wanted(lines)}
      WHERE seats.id = wanted.id AND seats.status = 'AVAILABLE' AND seats.hold_id IS NULL`;
    return sold === lines.length;
  },

  async takeBack(tx, lines): Promise<void> {
    await lockInOrder(tx, 'seats', lines);
    const back = await tx.$executeRaw`
      UPDATE seats SET status = 'AVAILABLE', hold_id = NULL FROM ${wanted(lines)}
      WHERE seats.id = wanted.id AND seats.hold_id = wanted.hold_id AND seats.status = 'SOLD'`;
    if (back !== lines.length) throw new Error('a hold has not sold the seats that it says');
  },
};

const toSeen = ({ id, price, available, slug, version, ...place }: Row): Seen => ({
  id,
  price,
  available: available ? 1 : 0,
  place,
  change: {
    eventType: 'event.changed',
    aggregateType: 'event',
    aggregateId: place.eventId,
    version,
    payload: { slug, aspects: ['seats'] },
  },
});
