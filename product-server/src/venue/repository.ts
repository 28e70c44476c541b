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
        const data = seats.map((seat, position) => ({ ...seat, hallId: hall.id, position }));
        await tx.hallSeat.createMany({ data });
        return hall.id;
      });
    },
  };
}
export type VenueRepository = ReturnType<typeof createVenueRepository>;
