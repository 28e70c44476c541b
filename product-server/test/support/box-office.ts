import { randomUUID } from 'node:crypto';
import type { Database } from '../../src/database.ts';
import { createEventRepository, type NewShow } from '../../src/event/repository.ts';
import { createVenueRepository } from '../../src/venue/repository.ts';
import { seatsOf } from '../../src/venue/template.ts';

const HOUR = 3_600_000;
const ROW = 20;

const at = (hours: number) => new Date(Date.now() + hours * HOUR);

/** Events with seats, on sale unless they are told otherwise. */
export function createBoxOffice(database: Database) {
  const events = createEventRepository(database);

  return {
    /** A new event in a hall of its own, with so many seats. */
    async open(seats: number, facts: Partial<NewShow> = {}) {
      const slug = `show-${randomUUID()}`;
      const rows = Array.from({ length: Math.ceil(seats / ROW) }, (_, row) => ({
        grade: row === 0 ? 'VIP' : 'R',
        seats: Math.min(ROW, seats - row * ROW),
      }));
      const hallId = await createVenueRepository(database).openHall({
        venue: { slug, name: '한빛아트센터', address: '서울특별시 마포구' },
        name: '대극장',
        seats: seatsOf([{ name: '1층', rows, x: 0, y: 0 }]),
      });
      const id = await events.create({
        ...{ slug, title: slug, artist: '도아', description: '', hallId, duration: 100, status: 'PUBLISHED' },
        ...{ startsAt: at(48), saleOpensAt: at(-1), saleClosesAt: at(24) },
        grades: [
          { code: 'VIP', name: 'VIP석', price: 150_000 },
          { code: 'R', name: 'R석', price: 110_000 },
        ],
        ...facts,
      });
      const made = await database.seat.findMany({ where: { eventId: id }, orderBy: { position: 'asc' } });
      return { id, slug, seatIds: made.map((seat) => seat.id) };
    },
    /** How each seat is: a letter as on the map, but with what has expired still held. */
    async statuses(eventId: string): Promise<string> {
      const seats = await database.seat.findMany({ where: { eventId }, orderBy: { position: 'asc' } });
      return seats.map(({ status, holdId }) => (status === 'SOLD' ? 'S' : holdId ? 'H' : 'A')).join('');
    },
  };
}
export type BoxOffice = ReturnType<typeof createBoxOffice>;
