import type { SeatMap, SeatStatuses } from '@doa-market/common/contracts';
import type { Database } from '../database.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { named } from './repository.ts';
import { LISTED } from './status.ts';

/** Events whose layout is remembered, the oldest forgotten first. */
const CAPACITY = 50;

type Layout = Omit<SeatMap, 'statuses'>;

/**
 * Seats with what can be had of them at this moment. The layout of an event never changes once its seats are made, so
 * it is read once; the statuses are read by one query at a time, whose answer all that have come meanwhile share.
 */
export function createSeatMaps(database: Database) {
  const layouts = new Map<string, Layout>();
  const reading = new Map<string, Promise<string>>();

  async function layoutOf(event: EventWithGrades): Promise<Layout> {
    const key = `${event.id}:${event.version}`;
    const known = layouts.get(key);
    if (known) return known;
    const seats = await database.seat.findMany({
      where: { eventId: event.id },
      orderBy: { position: 'asc' },
    });
    const layout = toLayout(event, seats);
    const oldest = layouts.keys().next();
    if (layouts.size >= CAPACITY && !oldest.done) layouts.delete(oldest.value);
    layouts.set(key, layout);
    return layout;
  }

  async function read(eventId: string): Promise<string> {
    // What has expired can be had again, whether it was taken back already or not.
    const [row] = await database.$queryRaw<{ statuses: string | null }[]>`
      SELECT string_agg(CASE WHEN seat.status = 'SOLD' THEN 'S'
                             WHEN hold.expires_at > clock_timestamp() THEN 'H' ELSE 'A' END,
                        '' ORDER BY seat.position) AS statuses
      FROM seats seat LEFT JOIN holds hold ON hold.id = seat.hold_id
      WHERE seat.event_id = ${eventId}::uuid`;
    return row?.statuses ?? '';
  }

  function statusesOf(eventId: string): Promise<string> {
    const known = reading.get(eventId);
    if (known) return known;
    const statuses = read(eventId).finally(() => reading.delete(eventId));
    reading.set(eventId, statuses);
    return statuses;
  }

  const find = (idOrSlug: string) =>
    database.event.findFirst({
      where: { ...named(idOrSlug), status: { in: LISTED } },
      include: { grades: { orderBy: { position: 'asc' } } },
    });

  return {
    async map(idOrSlug: string): Promise<SeatMap | null> {
      const event = await find(idOrSlug);
      if (!event) return null;
      const [layout, statuses] = await Promise.all([layoutOf(event), statusesOf(event.id)]);
      return { ...layout, statuses };
    },

    async statuses(idOrSlug: string): Promise<SeatStatuses | null> {
      const event = await find(idOrSlug);
      return event && { eventId: event.id, statuses: await statusesOf(event.id) };
    },
  };
}
export type SeatMaps = ReturnType<typeof createSeatMaps>;

type EventWithGrades = Prisma.EventGetPayload<{ include: { grades: true } }>;
type SeatRow = Prisma.SeatGetPayload<object>;

/** Seats in the order of the template are together by section, and in it by row. */
function toLayout(event: EventWithGrades, seats: readonly SeatRow[]): Layout {
  const grades = event.grades.map(({ code, name, price }) => ({ code, name, price }));
  const places = new Map(grades.map(({ code }, place) => [code, place]));
  const sections: Layout['sections'] = [];
  for (const seat of seats) {
    let section = sections.at(-1);
    if (section?.name !== seat.section) {
      section = { name: seat.section, rows: [] };
      sections.push(section);
    }
    let row = section.rows.at(-1);
    if (row?.name !== seat.row) {
      row = { name: seat.row, ids: [], numbers: [], grades: [], x: [], y: [] };
      section.rows.push(row);
    }
    row.ids.push(seat.id);
    row.numbers.push(seat.number);
    row.grades.push(places.get(seat.grade) ?? 0);
    row.x.push(seat.x);
    row.y.push(seat.y);
  }
  return { eventId: event.id, grades, sections };
}
