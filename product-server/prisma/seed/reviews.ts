import { randomUUID } from 'node:crypto';
import type { Database } from '../../src/database.ts';
import { foldRatings } from '../../src/review/ratings.ts';
import type { SeedProduct } from './catalogue.ts';

/** What buyers of the seed's products say, by how many stars they give. */
const WORDS: Record<number, [title: string, body: string][]> = {
  5: [
    ['기대보다 훨씬 좋아요', '사진보다 실물이 낫네요. 포장도 꼼꼼해서 선물하기에도 좋았습니다.'],
    ['다시 살 거예요', '두 번째 구매입니다. 처음 산 것도 아직 잘 쓰고 있어요.'],
    ['매일 손이 갑니다', '쓸수록 만듦새가 좋다는 걸 알게 됩니다. 주변에도 권했어요.'],
    ['고민한 시간이 아까워요', '진작 살 걸 그랬습니다. 배송도 하루 만에 왔어요.'],
  ],
  4: [
    ['만족합니다', '설명 그대로예요. 색이 화면보다 조금 진한 것만 알고 사시면 됩니다.'],
    ['잘 쓰고 있어요', '마감이 깔끔합니다. 설명서가 조금 더 자세했으면 좋겠어요.'],
    ['가격만큼 합니다', '할인할 때 샀는데 값이 아깝지 않네요.'],
  ],
  3: [
    ['무난해요', '나쁘지는 않은데 생각한 크기와 조금 달랐습니다. 치수를 꼭 확인하세요.'],
    ['보통입니다', '쓰는 데 문제는 없지만 특별하지도 않아요.'],
  ],
  2: [['아쉬워요', '배송이 늦었고 상자가 눌려서 왔습니다. 물건은 괜찮아요.']],
  1: [['저와는 안 맞네요', '기대가 컸나 봅니다. 교환은 친절하게 해 주셨어요.']],
};
const AUTHORS = [
  '도아',
  '봄날',
  '느린걸음',
  '콩이네',
  '하루',
  '동네책방',
  '여름밤',
  '민트',
  '새벽달',
  '소소',
];

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
    const words = WORDS[stars] ?? [];
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
