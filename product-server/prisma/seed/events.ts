import type { Database } from '../../src/database.ts';
import { createEventRepository } from '../../src/event/repository.ts';
import { createVenueRepository } from '../../src/venue/repository.ts';
import { type SectionPlan, seatsOf } from '../../src/venue/template.ts';

/** The ticketed events that a new shop starts with: one on sale, one whose sale opens soon. Prices in KRW. */

const rows = (...blocks: [grade: string, rows: number, seats: number][]) =>
  blocks.flatMap(([grade, count, seats]) => Array.from({ length: count }, () => ({ grade, seats })));

/** 3,000 seats on two floors. */
const concertHall: SectionPlan[] = [
  { name: '1층 A구역', x: 0, y: 0, rows: rows(['R', 8, 20], ['S', 12, 20]) },
  { name: '1층 B구역', x: 44, y: 0, rows: rows(['VIP', 10, 40], ['R', 10, 40]) },
  { name: '1층 C구역', x: 128, y: 0, rows: rows(['R', 8, 20], ['S', 12, 20]) },
  { name: '2층 A구역', x: 0, y: 48, rows: rows(['S', 5, 25], ['A', 9, 25]) },
  { name: '2층 B구역', x: 54, y: 48, rows: rows(['S', 7, 50], ['A', 7, 50]) },
  { name: '2층 C구역', x: 158, y: 48, rows: rows(['S', 5, 25], ['A', 9, 25]) },
];

/** 432 seats around a small stage: the first rows are shorter. */
const smallTheatre: SectionPlan[] = [
  { name: '1층', x: 0, y: 0, rows: rows(['R', 2, 24], ['R', 4, 28], ['S', 4, 30], ['S', 2, 28]) },
  { name: '2층', x: 4, y: 30, rows: rows(['A', 4, 24]) },
];

interface SeedEvent {
  slug: string;
  title: string;
  artist: string;
  description: string;
  venue: { slug: string; name: string; address: string };
  hall: string;
  plan: SectionPlan[];
  /** Days after the seed, and hours of Korean time. */
  starts: [days: number, hours: number];
  saleOpens: [days: number, hours: number];
  /** Minutes */
  duration: number;
  grades: { code: string; name: string; price: number }[];
}

const events: SeedEvent[] = [
  {
    slug: 'yunseul-moonlight-concert',
    title: '윤슬 단독 콘서트 〈달빛이 머무는 밤〉',
    artist: '윤슬',
    description:
      '세 번째 정규 음반을 처음부터 끝까지 라이브로 들려 드립니다. 열두 명의 현악 앙상블이 함께하고, 앙코르에서는 미발표곡 두 곡을 부릅니다. 초등학생 이상 관람할 수 있습니다.',
    venue: {
      slug: 'hanbit-art-center',
      name: '한빛아트센터',
      address: '서울특별시 마포구 월드컵북로 400',
    },
    hall: '대극장',
    plan: concertHall,
    starts: [40, 19],
    saleOpens: [-2, 20],
    duration: 130,
    grades: [
      { code: 'VIP', name: 'VIP석', price: 165_000 },
      { code: 'R', name: 'R석', price: 143_000 },
      { code: 'S', name: 'S석', price: 121_000 },
      { code: 'A', name: 'A석', price: 99_000 },
    ],
  },
  {
    slug: 'alley-of-time-musical',
    title: '창작 뮤지컬 〈골목의 시간〉',
    artist: '극단 느린걸음',
    description:
      '재개발을 앞둔 골목 사진관에서 세 세대가 하룻밤 사이에 만납니다. 배우 여섯 명과 4인조 밴드가 무대에서 함께 호흡합니다. 만 7세 이상, 쉬는 시간 15분이 있습니다.',
    venue: {
      slug: 'sodam-theater',
      name: '소담극장',
      address: '서울특별시 종로구 대학로8길 24',
    },
    hall: '1관',
    plan: smallTheatre,
    starts: [26, 15],
    saleOpens: [3, 11],
    duration: 115,
    grades: [
      { code: 'R', name: 'R석', price: 88_000 },
      { code: 'S', name: 'S석', price: 66_000 },
      { code: 'A', name: 'A석', price: 44_000 },
    ],
  },
];

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const KOREA = 9 * HOUR;

/** That hour of Korean time, so many days from today there. */
function koreanTime([days, hours]: [number, number], now: number): Date {
  const midnight = Math.floor((now + KOREA) / DAY) * DAY - KOREA;
  return new Date(midnight + days * DAY + hours * HOUR);
}

/** Adds the events that are missing, each with all seats of its hall. @returns how many events there are then */
export async function seedEvents(database: Database, now = Date.now()): Promise<number> {
  const venues = createVenueRepository(database);
  const repository = createEventRepository(database);
  for (const { venue, hall, plan, starts, saleOpens, ...facts } of events) {
    if (await database.event.findUnique({ where: { slug: facts.slug } })) continue;
    const startsAt = koreanTime(starts, now);
    await repository.create({
      ...facts,
      hallId: await venues.openHall({ venue, name: hall, seats: seatsOf(plan) }),
      status: 'PUBLISHED',
      startsAt,
      saleOpensAt: koreanTime(saleOpens, now),
      saleClosesAt: new Date(startsAt.getTime() - HOUR),
    });
  }
  return database.event.count();
}
