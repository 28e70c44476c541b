import { randomUUID } from 'node:crypto';
import type { Database } from '../../src/database.ts';
import { foldRatings } from '../../src/review/ratings.ts';
import type { SeedProduct } from './catalogue.ts';
import { AUTHORS, REVIEW_WORDS } from './review-words.ts';

const DAY = 86_400;

/** The stars of `count` reviews whose average is near `average`: fives, and what it takes away from them. */
function starsOf(count: number, average: number): number[] {
  let missing = Math.round((5 - average) * count);
  return Array.from({ length: count }, (_, index) => {
    const less = Math.min(missing, index % 7 === 3 ? 3 : index % 2);
    missing -= less;
    return 5 - less;
  });
}

/** Gives a product that has no review yet those of its seed, over the time that it is on sale. */
async function seedReviewsOf(
  database: Database,
  { slug, rating, salesCount, age }: SeedProduct,
): Promise<void> {
  const product = await database.product.findFirst({
    where: { slug, deletedAt: null, reviews: { none: {} } },
    select: { id: true },
  });
  if (!product) return;
  const count = Math.min(24, 4 + Math.floor(salesCount / 250));
  for (const [index, stars] of starsOf(count, rating).entries()) {
    const words = REVIEW_WORDS[stars] ?? [];
    const [title = '', body = ''] = words[(index + slug.length) % words.length] ?? [];
    const author = AUTHORS[(index + slug.length) % AUTHORS.length] ?? '';
    const secondsAgo = ((age * DAY) / (count + 1)) * (count - index);
    // Its id and its times are of when it was written: reviews are ordered by their ids.
    await database.$executeRaw`
      INSERT INTO reviews (id, product_id, member_id, author, rating, title, body, created_at, updated_at)
      SELECT uuidv7(-ago), ${product.id}::uuid, ${randomUUID()}::uuid, ${author}, ${stars}::int, ${title}, ${body},
             now() - ago, now() - ago
      FROM make_interval(secs => ${secondsAgo}::float8) AS ago`;
  }
}

/** @returns how many reviews there are */
export async function seedReviews(database: Database, products: readonly SeedProduct[]): Promise<number> {
  for (const product of products) await seedReviewsOf(database, product);
  await foldRatings(database);
  return database.review.count();
}
