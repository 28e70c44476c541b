import {
  type Availability,
  type EventDetail,
  type EventList,
  type PageQuery,
  pageMeta,
} from '@doa-market/common/contracts';
import type { Database } from '../database.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { eventInclude, toDetail, toSummary } from './presentation.ts';
import { LISTED } from './status.ts';

export interface NewShow extends Omit<Prisma.EventUncheckedCreateInput, 'grades' | 'seats'> {
  /** The dearest first; the codes are those of the hall's template. */
  grades: { code: string; name: string; price: number }[];
}

/** Whether seats of an event can be had now, by the clock of the database, and how many at once. */
export interface Sale {
  open: boolean;
  orderLimit: number;
  /** Of the seats that were asked about, those of another event or none. */
  strangers: string[];
}

export interface Holder {
  seatId: string;
  sold: boolean;
  owner: string;
  key: string;
  left: number;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function createEventRepository(database: Database) {
  return {
    /** One page of events: those to come, the next one first; or those that were, the last one first. */
    async paginate({ past, ...page }: PageQuery & { past: boolean }): Promise<EventList> {
      const now = new Date();
      const where = { status: { in: LISTED }, startsAt: past ? { lte: now } : { gt: now } };
      const order = past ? ('desc' as const) : ('asc' as const);
      const [rows, total] = await Promise.all([
        database.event.findMany({
          where,
          orderBy: [{ startsAt: order }, { id: order }],
          skip: (page.page - 1) * page.limit,
          take: page.limit,
          include: eventInclude,
        }),
        database.event.count({ where }),
      ]);
      return { data: rows.map(toSummary), meta: pageMeta(page, total) };
    },

    /** A published event, or null: for visitors a draft does not exist. */
    async findByIdOrSlug(idOrSlug: string): Promise<EventDetail | null> {
      const row = await database.event.findFirst({
        where: { ...named(idOrSlug), status: { in: LISTED } },
        include: eventInclude,
      });
      if (!row) return null;
      const counts = await database.seat.groupBy({
        by: ['grade'],
        where: { eventId: row.id },
        _count: true,
      });
      return toDetail(row, new Map(counts.map(({ grade, _count }) => [grade, _count])));
    },

    async findSale(id: string, seatIds: readonly string[]): Promise<Sale | undefined> {
      const [sale] = await database.$queryRaw<Sale[]>`
        SELECT status = 'PUBLISHED' AND clock_timestamp() >= sale_opens_at AND clock_timestamp() < sale_closes_at
                 AS open,
               order_limit AS "orderLimit",
               ARRAY(SELECT wanted.id FROM unnest(${seatIds}::uuid[]) AS wanted(id)
                     WHERE NOT EXISTS (SELECT FROM seats WHERE seats.id = wanted.id AND event_id = events.id))
                 AS strangers
        FROM events WHERE id = ${id}::uuid`;
      return sale;
    },

    /** What can be had of an event, whether what has expired was taken back already or not. */
    async findAvailability(id: string): Promise<Availability | undefined> {
      const [availability] = await database.$queryRaw<Availability[]>`
        SELECT event.id AS "eventId",
               event.status = 'PUBLISHED' AND now() >= event.sale_opens_at AND now() < event.sale_closes_at
                 AS "onSale",
               count(*) FILTER (WHERE seat.status = 'AVAILABLE' AND hold.id IS NULL)::int AS available,
               count(hold.id)::int AS held,
               count(*) FILTER (WHERE seat.status = 'SOLD')::int AS sold
        FROM events event
        LEFT JOIN seats seat ON seat.event_id = event.id
        LEFT JOIN holds hold ON hold.id = seat.hold_id AND seat.status = 'AVAILABLE' AND hold.expires_at > now()
        WHERE event.id = ${id}::uuid
        GROUP BY event.id`;
      return availability;
    },

    /** Who has these seats: of a held one the hold and the milliseconds that are left of it, nothing of a free one. */
    findHolders: (seatIds: readonly string[]): Promise<Holder[]> =>
      database.$queryRaw<Holder[]>`
        SELECT seat.id AS "seatId", seat.status = 'SOLD' AS sold, hold.owner, hold.key,
               (extract(epoch FROM hold.expires_at - clock_timestamp()) * 1000)::float AS "left"
        FROM seats seat JOIN holds hold ON hold.id = seat.hold_id
        WHERE seat.id = ANY(${seatIds}::uuid[])`,

    /** A new event with all seats of its hall, each at the price of its grade. @returns its id */
    create: ({ grades, ...facts }: NewShow): Promise<string> =>
      database.$transaction(async (tx) => {
        const { id, hallId } = await tx.event.create({
          data: { ...facts, grades: { create: grades.map((grade, position) => ({ ...grade, position })) } },
        });
        await tx.$executeRaw`
          INSERT INTO seats (event_id, position, section, row, number, grade, x, y, price)
          SELECT ${id}::uuid, seat.position, seat.section, seat.row, seat.number, seat.grade, seat.x, seat.y,
                 grade.price
          FROM hall_seats seat
          JOIN event_grades grade ON grade.event_id = ${id}::uuid AND grade.code = seat.grade
          WHERE seat.hall_id = ${hallId}::uuid
          ORDER BY seat.position`;
        return id;
      }),
  };
}
export type EventRepository = ReturnType<typeof createEventRepository>;

/** @returns what finds the event of an id or a slug */
export const named = (idOrSlug: string) => (UUID.test(idOrSlug) ? { id: idOrSlug } : { slug: idOrSlug });
