import { type Static, Type } from 'typebox';
import { DateTimeSchema, IdSchema, MoneySchema, PageSchema, SlugSchema } from './atoms.ts';
import { ImageSchema } from './catalogue.ts';

/** Ticketed shows, as everybody may read them. */

const VenueSchema = Type.Object({
  slug: SlugSchema,
  name: Type.String({ examples: ['한빛아트센터'] }),
  address: Type.String({ examples: ['서울특별시 마포구 월드컵북로 400'] }),
  hall: Type.String({ examples: ['대극장'] }),
});

/** A show that was cancelled can still be looked up. */
export const ListedEventStatusSchema = Type.Enum(['PUBLISHED', 'CANCELLED']);

export const EventSummarySchema = Type.Object({
  id: IdSchema,
  slug: SlugSchema,
  title: Type.String(),
  artist: Type.String(),
  poster: Type.Union([ImageSchema, Type.Null()]),
  venue: VenueSchema,
  startsAt: DateTimeSchema,
  /** Seats can be bought from the one until the other, as long as there are any. */
  saleOpensAt: DateTimeSchema,
  saleClosesAt: DateTimeSchema,
  status: ListedEventStatusSchema,
  price: Type.Object({ min: MoneySchema, max: MoneySchema }),
});
export type EventSummary = Static<typeof EventSummarySchema>;

export const EventGradeSchema = Type.Object({
  code: Type.String({ examples: ['VIP'] }),
  name: Type.String({ examples: ['VIP석'] }),
  price: MoneySchema,
  seats: Type.Integer({ minimum: 0, description: 'how many there are, sold ones included' }),
});

export const EventDetailSchema = Type.Interface([EventSummarySchema], {
  description: Type.String(),
  duration: Type.Integer({ minimum: 1, description: 'minutes' }),
  orderLimit: Type.Integer({ minimum: 1, description: 'seats in one order' }),
  grades: Type.Array(EventGradeSchema, { description: 'the dearest first' }),
});
export type EventDetail = Static<typeof EventDetailSchema>;

/** `GET /api/v1/events` */
export const EventListSchema = PageSchema(EventSummarySchema);
export type EventList = Static<typeof EventListSchema>;

/** What can be had, a letter for each seat in the order of the map. */
const StatusesSchema = Type.String({
  pattern: '^[AHS]*$',
  description: 'one letter a seat: A available, H held, S sold',
  examples: ['AAHS'],
});

/** Columns instead of an object for each seat: thousands of them are sent to everybody. */
const SeatRowSchema = Type.Object({
  name: Type.String({ examples: ['12'] }),
  ids: Type.Array(IdSchema),
  numbers: Type.Array(Type.Integer({ minimum: 1 })),
  grades: Type.Array(Type.Integer({ minimum: 0 }), { description: 'places in `grades`' }),
  x: Type.Array(Type.Integer(), { description: 'in units of half a seat' }),
  y: Type.Array(Type.Integer(), { description: 'in units of half a seat, from the stage away' }),
});

/** `GET /api/v1/events/:idOrSlug/seats` */
export const SeatMapSchema = Type.Object({
  eventId: IdSchema,
  grades: Type.Array(Type.Object({ code: Type.String(), name: Type.String(), price: MoneySchema })),
  sections: Type.Array(
    Type.Object({ name: Type.String({ examples: ['1층 A구역'] }), rows: Type.Array(SeatRowSchema) }),
  ),
  statuses: StatusesSchema,
});
export type SeatMap = Static<typeof SeatMapSchema>;

/** `GET /api/v1/events/:idOrSlug/seats/statuses`: all that changes of the map. */
export const SeatStatusesSchema = Type.Object({ eventId: IdSchema, statuses: StatusesSchema });
export type SeatStatuses = Static<typeof SeatStatusesSchema>;
