import type { Database } from '../database.ts';
import type { TemplateSeat } from './template.ts';

export interface NewHall {
  venue: { slug: string; name: string; address: string };
  name: string;
  seats: readonly TemplateSeat[];
}

export function createVenueRepository(database: Database) {
  return {
    /** The hall's id; a hall that is there stays as it is, for events were made of its seats. */
    async openHall({ venue, name, seats }: NewHall): Promise<string> {
      const { id: venueId } = await database.venue.upsert({
        where: { slug: venue.slug },
        create: venue,
        update: {},
      });
      const known = await database.hall.findUnique({ where: { venueId_name: { venueId, name } } });
      if (known) return known.id;
      return database.$transaction(async (tx) => {
        const hall = await tx.hall.create({ data: { venueId, name } });
        const column = <Name extends keyof TemplateSeat>(name: Name) => seats.map((seat) => seat[name]);
        await tx.$executeRaw`
          INSERT INTO hall_seats (hall_id, position, section, row, number, grade, x, y)
          SELECT ${hall.id}::uuid, position - 1, section, row, number, grade, x, y
          FROM unnest(${column('section')}::text[], ${column('row')}::text[], ${column('number')}::int[],
                      ${column('grade')}::text[], ${column('x')}::int[], ${column('y')}::int[])
            WITH ORDINALITY AS seat(section, row, number, grade, x, y, position)`;
        return hall.id;
      });
    },
  };
}
export type VenueRepository = ReturnType<typeof createVenueRepository>;
