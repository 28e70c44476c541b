import type { EventDetail, EventSummary } from '@doa-market/common/contracts';
import type { Prisma } from '../generated/prisma/client.ts';
import { toImage } from '../image/image.ts';

export const eventInclude = {
  poster: true,
  hall: { include: { venue: true } },
  grades: { orderBy: { position: 'asc' } },
} satisfies Prisma.EventInclude;

export type EventRow = Prisma.EventGetPayload<{ include: typeof eventInclude }>;

export function toSummary(row: EventRow): EventSummary {
  const prices = row.grades.map(({ price }) => price);
  const { slug, name, address } = row.hall.venue;
  return {
    id: row.id,
    slug: row.slug,
    title: row.title,
    artist: row.artist,
    poster: row.poster && toImage(row.poster, row.title),
    venue: { slug, name, address, hall: row.hall.name },
    startsAt: row.startsAt.toISOString(),
    saleOpensAt: row.saleOpensAt.toISOString(),
    saleClosesAt: row.saleClosesAt.toISOString(),
    status: row.status === 'CANCELLED' ? 'CANCELLED' : 'PUBLISHED',
    price: { min: Math.min(...prices), max: Math.max(...prices) },
  };
}

/** @param seats how many there are of each grade */
export function toDetail(row: EventRow, seats: ReadonlyMap<string, number>): EventDetail {
  return {
    ...toSummary(row),
    description: row.description,
    duration: row.duration,
    orderLimit: row.orderLimit,
    grades: row.grades.map(({ code, name, price }) => ({ code, name, price, seats: seats.get(code) ?? 0 })),
  };
}
