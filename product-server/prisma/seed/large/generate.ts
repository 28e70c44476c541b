import { combinations } from '../../../src/product/combinations.ts';
import { AUTHORS, REVIEW_WORDS } from '../review-words.ts';
import { BRAND_HEADS, BRAND_TAILS, LINES, type Line, MOODS } from './words.ts';

/** A product of a large catalogue. The same number is the same product in every run. */
export interface GeneratedProduct {
  id: string;
  slug: string;
  category: string;
  name: string;
  brand: string;
  description: string;
  /** KRW */
  price: number;
  listPrice: number;
  discountRate: number;
  salesCount: number;
  status: 'DRAFT' | 'ACTIVE' | 'OUT_OF_STOCK' | 'HIDDEN';
  createdAt: Date;
  options: { name: string; values: string[] }[];
  skus: { id: string; values: string[]; onHand: number }[];
  reviews: GeneratedReview[];
}

export interface GeneratedReview {
  id: string;
  memberId: string;
  author: string;
  rating: number;
  title: string;
  body: string;
  createdAt: Date;
}

const DAY = 86_400_000;
const CATEGORIES = Object.keys(LINES);
/** From when on the ids count: they are UUIDv7, and grow with the number. */
const FIRST_ID = Date.UTC(2020, 0, 1);
/** All of them are below it, and no product that was made in earnest is. */
export const LAST_ID = '01700000-0000-7000-8000-000000000000';

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Those who review: any of so many, who have no accounts. */
const MEMBERS = 50_000;
const MEMBER_PART = 63;
/** Of a product's things the reviews come after the SKUs. */
const REVIEW_PART = 40;
const MOST_REVIEWS = 12;

/** A UUIDv7 (RFC 9562) of a number, and of one of the things that belong to it; `at` is its time where that matters. */
function idOf(number: number, part: number, at = FIRST_ID + number): string {
  const time = at.toString(16).padStart(12, '0');
  const rest = part.toString(16).padStart(3, '0');
  const tail = (number * 64 + part).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest}-8000-${tail}`;
}

/**
 * @param number from 0; the slug has it
 * @param today what ages count back from
 */
export function generateProduct(number: number, today: Date): GeneratedProduct {
  const random = randomOf(number + 1);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const category = CATEGORIES[number % CATEGORIES.length] as string;
  const line = LINES[category] as Line;

  const salesCount = Math.min(300_000, Math.floor(Math.exp(3.2 + 2 * normal(random))));
  const wouldReview = salesCount * (0.03 + 0.2 * random());
  const listPrice = priceOf(line.prices, random());
  const price = random() < 0.45 ? listPrice : roundPrice(listPrice * (0.5 + 0.47 * random()));
  const options = optionsOf(line, pick, random);
  const name = [random() < 0.7 ? pick(MOODS) : '', pick(line.kinds), pick(line.things), pick(line.sizes)];
  const soldOut = random() < 0.08;
  const createdAt = new Date(today.getTime() - Math.floor(1_500 * random() ** 1.5 * DAY));
  return {
    id: idOf(number, 0),
    slug: `${category}-${number + 1}`,
    category,
    name: name.filter((word) => word !== '').join(' '),
    brand: brandOf(random),
    description: [
      pick(line.sentences),
      pick(line.sentences),
      `${pick(line.kinds)} 제품을 찾는 분께 권합니다.`,
    ].join(' '),
    price,
    listPrice,
    discountRate: Math.floor(((listPrice - price) * 100) / listPrice),
    salesCount,
    status: statusOf(random()),
    createdAt,
    options,
    skus: combinations(options.map(({ values }) => values)).map((values, index) => ({
      id: idOf(number, index + 1),
      values,
      onHand: soldOut || random() < 0.1 ? 0 : 1 + Math.floor(200 * random()),
    })),
    reviews: reviewsOf(number, Math.min(MOST_REVIEWS, Math.floor(Math.sqrt(wouldReview))), {
      ...{ random, from: createdAt.getTime(), until: today.getTime() },
    }),
  };
}

interface ReviewTime {
  random: () => number;
  /** Milliseconds since 1970 */
  from: number;
  until: number;
}

/** So many reviews of different people, over the time that a product is on sale. */
function reviewsOf(number: number, count: number, { random, from, until }: ReviewTime): GeneratedReview[] {
  const first = Math.floor(random() * MEMBERS);
  const quality = random();
  return Array.from({ length: count }, (_, index) => {
    const rating = 5 - Math.floor(5 * random() ** (2 + 4 * quality));
    const words = REVIEW_WORDS[rating] ?? [];
    const [title = '', body = ''] = words[Math.floor(random() * words.length)] ?? [];
    const at = Math.floor(from + ((index + random()) / count) * (until - from));
    return {
      ...{ rating, title, body, createdAt: new Date(at) },
      id: idOf(number, REVIEW_PART + index, at),
      memberId: idOf((first + index) % MEMBERS, MEMBER_PART),
      author: AUTHORS[Math.floor(random() * AUTHORS.length)] as string,
    };
  });
}

/** Of a standard normal distribution (Box and Muller). */
const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Few brands sell most. */
function brandOf(random: () => number): string {
  const index = Math.floor(BRAND_HEADS.length * BRAND_TAILS.length * random() ** 3);
  const head = BRAND_HEADS[(index * 7) % BRAND_HEADS.length] as string;
  return head + BRAND_TAILS[Math.floor(index / BRAND_HEADS.length)];
}

const roundPrice = (price: number): number =>
  price < 10_000 ? Math.ceil(price / 100) * 100 : Math.ceil(price / 1_000) * 1_000 - 100;

/** Cheap things are more usual than dear ones. */
const priceOf = ([from, to]: readonly [number, number], share: number): number =>
  roundPrice(from * (to / from) ** (share ** 1.3));

function optionsOf({ options }: Line, pick: <T>(values: readonly T[]) => T, random: () => number) {
  const chosen = random() < 0.25 ? options : [pick(options)];
  return chosen.map(({ name, values }) => {
    const count = 2 + Math.floor(2 * random());
    const first = Math.floor(random() * (values.length - count + 1));
    return { name, values: values.slice(first, first + count) };
  });
}

const statusOf = (share: number): GeneratedProduct['status'] =>
  share < 0.96 ? 'ACTIVE' : share < 0.98 ? 'OUT_OF_STOCK' : share < 0.99 ? 'HIDDEN' : 'DRAFT';
