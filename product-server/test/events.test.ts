import {
  EventDetailSchema,
  EventListSchema,
  SeatMapSchema,
  SeatStatusesSchema,
} from '@doa-market/common/contracts';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedEvents } from '../prisma/seed/events.ts';
import { seatsOf } from '../src/venue/template.ts';
import { openShop, type Shop } from './support/shop.ts';

const HOUR = 3_600_000;
const CONCERT = 'yunseul-moonlight-concert';
let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
  await seedEvents(shop.database);
  const past = { startsAt: new Date(Date.now() - HOUR), saleClosesAt: new Date(Date.now() - HOUR / 2) };
  await shop.boxOffice.open(2, { slug: 'past', ...past });
  await shop.boxOffice.open(2, { slug: 'draft', status: 'DRAFT' });
  await shop.boxOffice.open(2, { slug: 'cancelled', status: 'CANCELLED' });
});
afterAll(() => shop.close());

const get = (path: string, headers: Record<string, string> = {}) =>
  shop.app.inject({ url: `/api/v1/events${path}`, headers });

const slugs = async (query: string) =>
  Value.Parse(EventListSchema, (await get(query)).json()).data.map(({ slug }) => slug);

async function seatMap(idOrSlug: string) {
  return Value.Parse(SeatMapSchema, (await get(`/${idOrSlug}/seats`)).json());
}

describe('the list of events', () => {
  it('has those to come, the next one first, and no drafts', async () => {
    const response = await get('');
    expect(Value.Check(EventListSchema, response.json())).toBe(true);
    expect(response.headers['cache-control']).toMatch(/^public, s-maxage=60/);
    expect(await slugs('')).toEqual(['cancelled', 'alley-of-time-musical', CONCERT]);
  });

  it('has those that were, when it is asked for them', async () => {
    expect(await slugs('?past=true')).toEqual(['past']);
  });

  it('comes in pages', async () => {
    expect(await slugs('?limit=1&page=3')).toEqual([CONCERT]);
    for (const query of ['?limit=0', '?page=x', '?surprise=1', '?past=2']) {
      expect((await get(query)).statusCode).toBe(422);
    }
  });

  it('is at the same path without a version, as the gateway asks for it', async () => {
    const response = await shop.app.inject(`/api/events/${CONCERT}`);
    expect(response.json()).toEqual((await get(`/${CONCERT}`)).json());
  });
});

describe('an event', () => {
  it('is found by its slug and by its id, with its sale and its prices', async () => {
    const bySlug = await get(`/${CONCERT}`);
    const event = Value.Parse(EventDetailSchema, bySlug.json());
    expect(event).toMatchObject({ orderLimit: 4, status: 'PUBLISHED', price: { min: 99_000, max: 165_000 } });
    expect(event.grades.map(({ code, seats }) => [code, seats])).toEqual([
      ['VIP', 400],
      ['R', 720],
      ['S', 1_080],
      ['A', 800],
    ]);
    expect((await get(`/${event.id}`)).json()).toEqual(bySlug.json());
  });

  it('that was cancelled says so', async () => {
    expect((await get('/cancelled')).json()).toMatchObject({ status: 'CANCELLED' });
  });

  it.each(['draft', 'unknown', '01980000-0000-7000-8000-000000000000'])(
    'does not exist as %s',
    async (name) => {
      for (const path of ['', '/seats', '/seats/statuses']) {
        expect((await get(`/${name}${path}`)).statusCode).toBe(404);
      }
    },
  );
});

describe('a seat map', () => {
  it('has every seat of the hall once, in its place', async () => {
    const map = await seatMap(CONCERT);
    const ids = map.sections.flatMap(({ rows }) => rows.flatMap((row) => row.ids));
    expect(new Set(ids).size).toBe(3_000);
    expect(map.statuses).toBe('A'.repeat(3_000));
    const places = map.sections.flatMap(({ rows }) =>
      rows.flatMap(({ x, y }) => x.map((across, seat) => `${across}:${y[seat]}`)),
    );
    expect(new Set(places).size).toBe(3_000);
  });

  it('says of each seat, in the order of the map, whether it can be had', async () => {
    const { id, seatIds } = await shop.boxOffice.open(5);
    const hold = async (seat: number, owner: string) => {
      const body = { owner, key: 'a', ttl: 300, seatIds: [seatIds[seat]] };
      const answer = await shop.call('POST', `/events/${id}/holds`, body);
      return (answer.body as { id: string }).id;
    };
    await hold(1, 'order:1');
    await shop.call('POST', `/holds/${await hold(3, 'order:2')}/confirm`);
    expect((await seatMap(id)).statuses).toBe('AHASA');
    const statuses = Value.Parse(SeatStatusesSchema, (await get(`/${id}/seats/statuses`)).json());
    expect(statuses).toEqual({ eventId: id, statuses: 'AHASA' });
    // What has expired can be had, although nobody has taken it back yet.
    await shop.stock.pass(301);
    expect((await seatMap(id)).statuses).toBe('AAASA');
  });

  it('may be kept for a second, and is not sent again to who has it', async () => {
    const { id, seatIds } = await shop.boxOffice.open(5);
    for (const path of [`/${id}/seats`, `/${id}/seats/statuses`]) {
      const first = await get(path);
      const etag = String(first.headers['etag']);
      expect(first.headers['cache-control']).toBe('public, max-age=1');
      const again = await get(path, { 'if-none-match': `"other", W/${etag}` });
      expect([again.statusCode, again.body, again.headers['etag']]).toEqual([304, '', etag]);
    }
    const etag = String((await get(`/${id}/seats`)).headers['etag']);
    const body = { owner: 'order:1', key: 'b', ttl: 300, seatIds: [seatIds[0]] };
    await shop.call('POST', `/events/${id}/holds`, body);
    expect((await get(`/${id}/seats`, { 'if-none-match': etag })).statusCode).toBe(200);
  });

  it('is small enough to be sent to thousands', async () => {
    expect((await get(`/${CONCERT}/seats`)).body.length).toBeLessThan(200_000);
    expect((await get(`/${CONCERT}/seats/statuses`)).body.length).toBeLessThan(3_200);
  });
});

describe('the template of a hall', () => {
  it('numbers rows from the front and seats from the left, and puts short rows in the middle', () => {
    const plan = {
      name: '1층',
      x: 10,
      y: 0,
      rows: [
        { grade: 'R', seats: 2 },
        { grade: 'S', seats: 3 },
      ],
    };
    expect(seatsOf([plan]).map(({ row, number, grade, x, y }) => [row, number, grade, x, y])).toEqual([
      ['1', 1, 'R', 11, 0],
      ['1', 2, 'R', 13, 0],
      ['2', 1, 'S', 10, 2],
      ['2', 2, 'S', 12, 2],
      ['2', 3, 'S', 14, 2],
    ]);
  });
});

describe('the database itself', () => {
  const violations: Record<string, string> = {
    'a sold seat that nobody has bought': "UPDATE seats SET status = 'SOLD', hold_id = NULL",
    'a sale that closes before it opens': 'UPDATE events SET sale_closes_at = sale_opens_at',
    'an order without an end': 'UPDATE events SET order_limit = 1000',
  };
  it.each(Object.entries(violations))('refuses %s', async (_name, statement) => {
    await expect(shop.database.$executeRawUnsafe(statement)).rejects.toThrow(/check constraint/);
  });
});

describe('the seed', () => {
  it('adds nothing to what is there', async () => {
    const seats = await shop.database.seat.count();
    await seedEvents(shop.database);
    expect(await shop.database.seat.count()).toBe(seats);
  });
});
