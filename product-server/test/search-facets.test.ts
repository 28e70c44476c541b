import type { SearchFacets, SearchResult } from '@doa-market/common/contracts';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomOf } from '../prisma/seed/large/generate.ts';
import { loadLarge } from '../prisma/seed/large/load.ts';
import { LINES } from '../prisma/seed/large/words.ts';
import { openShop, type Shop } from './search-shop.ts';

/** Filters, facets and pages over a thousand products, against what the tables themselves say. */

let shop: Shop;

beforeAll(async () => {
  shop = await openShop([]);
  for (const [position, slug] of ['pets', ...Object.keys(LINES).filter((it) => it !== 'pets')].entries()) {
    if (slug === 'pets') await shop.fixtures.category('pets', position, '반려동물');
    await shop.fixtures.product({ slug: `first-of-${slug}`, category: slug, status: 'HIDDEN' });
  }
  const client = new pg.Client({ connectionString: shop.url });
  await client.connect();
  await loadLarge(client, { count: 1_200, today: new Date('2026-11-01'), progress: () => undefined });
  await client.end();
});
afterAll(() => shop.close());

type Parameters = Record<string, string | number | string[]>;

interface Row {
  slug: string;
  category: string;
  price: number;
  rating: number | null;
  inStock: boolean;
  options: Record<string, string[]>;
  sales: number;
  created: number;
}

/** The products with these slugs as the tables have them. */
async function rowsOf(slugs: readonly string[]): Promise<Row[]> {
  const products = await shop.fixtures.database.product.findMany({
    where: { slug: { in: [...slugs] } },
    include: { category: true, options: true, skus: true },
  });
  return products.map((it) => ({
    slug: it.slug,
    category: it.category.slug,
    price: it.price,
    rating: it.rating === null ? null : it.rating.toNumber(),
    inStock: it.status === 'ACTIVE' && it.skus.some(({ onHand, held }) => onHand > held),
    options: Object.fromEntries(it.options.map(({ name, values }) => [name, values])),
    sales: it.salesCount,
    created: it.createdAt.getTime(),
  }));
}

/** Every page of a search by its cursors. */
async function pagesOf(parameters: Parameters): Promise<SearchResult[]> {
  const pages = [await shop.search(parameters)];
  for (let cursor = pages[0]?.meta.nextCursor; cursor; cursor = pages.at(-1)?.meta.nextCursor) {
    pages.push(await shop.search({ ...parameters, cursor }));
  }
  return pages;
}

const slugsOf = (pages: readonly SearchResult[]) => pages.flatMap(({ data }) => data.map(({ slug }) => slug));

const random = randomOf(7);
const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
const QUERIES = ['무선', '노트', '방수', 'ㅇㅇㅍ', '블랙', '스포츠', '가죽 커버'];

function randomFilters(): Parameters {
  const some = (parameters: Parameters) => (random() < 0.4 ? parameters : {});
  return {
    q: pick(QUERIES),
    ...some({ category: pick(Object.keys(LINES)) }),
    ...some({ minPrice: pick([5_000, 10_000, 30_000]) }),
    ...some({ maxPrice: pick([29_999, 60_000, 200_000]) }),
    ...some({ minRating: pick([3, 4, 4.5]) }),
    ...some({ inStock: 'true' }),
    ...some({ option: pick([['색상:블랙'], ['색상:블랙', '색상:화이트'], ['색상:네이비', '사이즈:M']]) }),
  };
}

/** The filters one by one, under the facets that they are the choice of. */
function checksOf(filters: Parameters): Map<string, (row: Row) => boolean> {
  const {
    category,
    minPrice = 0,
    maxPrice = Number.POSITIVE_INFINITY,
    minRating,
    inStock,
    option = [],
  } = filters;
  const checks = new Map<string, (row: Row) => boolean>();
  if (category) checks.set('category', (row) => row.category === category);
  checks.set('price', ({ price }) => price >= Number(minPrice) && price <= Number(maxPrice));
  if (minRating) checks.set('rating', ({ rating }) => rating !== null && rating >= Number(minRating));
  if (inStock) checks.set('inStock', (row) => row.inStock);
  const wanted = [option].flat().map((it) => String(it).split(':'));
  for (const name of new Set(wanted.map(([it = '']) => it))) {
    const values = wanted.filter(([of]) => of === name).map(([, value]) => value);
    checks.set(`option:${name}`, ({ options }) => options[name]?.some((it) => values.includes(it)) ?? false);
  }
  return checks;
}

function expectedFacets(rows: readonly Row[], filters: Parameters) {
  const checks = checksOf(filters);
  const but = (facet: string) =>
    rows.filter((row) => [...checks].every(([name, check]) => name === facet || check(row)));
  const count = (list: readonly Row[], check: (row: Row) => boolean) => list.filter(check).length;
  return {
    category: (slug: string) => count(but('category'), (row) => row.category === slug),
    price: (min: number, max: number | null) =>
      count(but('price'), ({ price }) => price >= min && price <= (max ?? Number.POSITIVE_INFINITY)),
    rating: (min: number) => count(but('rating'), ({ rating }) => rating !== null && rating >= min),
    inStock: count(but('inStock'), ({ inStock }) => inStock),
    option: (name: string, value: string) =>
      count(but(`option:${name}`), ({ options }) => options[name]?.includes(value) ?? false),
    shown: rows.filter((row) => [...checks.values()].every((check) => check(row))).map(({ slug }) => slug),
  };
}

function expectCounts(facets: SearchFacets, expected: ReturnType<typeof expectedFacets>) {
  for (const { slug, count } of facets.categories)
    expect([slug, count]).toEqual([slug, expected.category(slug)]);
  for (const { min, max, count } of facets.prices)
    expect([min, count]).toEqual([min, expected.price(min, max)]);
  for (const { min, count } of facets.ratings) expect([min, count]).toEqual([min, expected.rating(min)]);
  expect(facets.inStock).toBe(expected.inStock);
  for (const { name, values } of facets.options) {
    for (const { value, count } of values)
      expect([name, value, count]).toEqual([name, value, expected.option(name, value)]);
  }
}

describe('filters and facets', () => {
  it('agree with a count of the tables, whatever is chosen', async () => {
    for (let round = 0; round < 40; round += 1) {
      const filters = randomFilters();
      const all = await rowsOf(slugsOf(await pagesOf({ q: String(filters['q']), limit: 100 })));
      expect(all.length).toBeGreaterThan(2);
      const expected = expectedFacets(all, filters);
      const pages = await pagesOf({ ...filters, limit: 100 });
      expect(slugsOf(pages).sort()).toEqual(expected.shown.sort());
      expectCounts((pages[0] as SearchResult).facets, expected);
      expect(pages[0]?.meta).toMatchObject({ total: expected.shown.length, totalIsExact: true });
    }
  });

  it('list every category that has something to show', async () => {
    const { facets } = await shop.search({ q: '블랙' });
    const rows = await rowsOf(slugsOf(await pagesOf({ q: '블랙', limit: 100 })));
    expect(facets.categories.map(({ slug }) => slug).sort()).toEqual(
      [...new Set(rows.map(({ category }) => category))].sort(),
    );
  });

  it('reach what a query leaves out that matches more than can be ranked', async () => {
    const all = await shop.search({ q: '제품' });
    expect(all.meta).toMatchObject({ total: 1_000, totalIsExact: false });
    const { database } = shop.fixtures;
    const listed = await database.product.findMany({ where: { status: { in: ['ACTIVE', 'OUT_OF_STOCK'] } } });
    const everything = await rowsOf(listed.map(({ slug }) => slug));
    for (const filters of [
      { category: 'pets' },
      { category: 'sports', option: ['색상:블랙', '색상:화이트', '사이즈:250'], inStock: 'true' },
      { option: ['크기:소', '크기:중'] },
      { option: ['포장:선물 포장'], minRating: 4 },
      { option: ['속지:줄'], maxPrice: 30_000 },
    ]) {
      const parameters: Parameters = { q: '제품', ...filters };
      const found = slugsOf(await pagesOf({ ...parameters, limit: 100 }));
      expect(found.sort()).toEqual(expectedFacets(everything, parameters).shown.sort());
      expect(found.length).toBeGreaterThan(0);
    }
  });

  it('find nothing in a category that is not there', async () => {
    const { data, facets } = await shop.search({ q: '무선', category: 'unknown' });
    expect(data).toEqual([]);
    expect(facets.categories.length).toBeGreaterThan(0);
  });
});

describe('a search', () => {
  it('finds every name that has the word, and nothing that has it nowhere', async () => {
    const found = slugsOf(await pagesOf({ q: '이어폰', limit: 100 }));
    const { database } = shop.fixtures;
    const named = await database.product.findMany({
      where: { name: { contains: '이어폰' }, status: { in: ['ACTIVE', 'OUT_OF_STOCK'] } },
    });
    expect(named.length).toBeGreaterThan(2);
    expect(found.sort()).toEqual(named.map(({ slug }) => slug).sort());
  });

  it.each([
    ['popular', (a: Row, b: Row) => b.sales - a.sales],
    ['new', (a: Row, b: Row) => b.created - a.created],
    ['price-asc', (a: Row, b: Row) => a.price - b.price],
    ['price-desc', (a: Row, b: Row) => b.price - a.price],
    ['rating', (a: Row, b: Row) => (b.rating ?? -1) - (a.rating ?? -1)],
  ])('is in order by %s', async (sort, compare) => {
    const slugs = slugsOf(await pagesOf({ q: '블랙', sort, limit: 100 }));
    const rows = new Map((await rowsOf(slugs)).map((row) => [row.slug, row]));
    const ordered = slugs.map((slug) => rows.get(slug) as Row);
    for (const [index, row] of ordered.slice(1).entries()) {
      expect(compare(ordered[index] as Row, row)).toBeLessThanOrEqual(0);
    }
  });
});

describe('the pages of a search', () => {
  const filters = { q: '블랙', sort: 'price-asc' };

  beforeAll(async () => {
    // Ties, so that only the id tells them apart.
    await shop.fixtures.database.$executeRaw`
      UPDATE products SET price = 0, list_price = 0, discount_rate = 0, sales_count = 5 WHERE id::text LIKE '%0'`;
  });

  it('have no gaps and no doubles under ties, by cursor and by number', async () => {
    const whole = slugsOf([await shop.search({ ...filters, limit: 100 })]);
    const [first] = await pagesOf({ ...filters, limit: 7 });
    const byCursor = slugsOf(await pagesOf({ ...filters, limit: 7 }));
    expect(new Set(byCursor).size).toBe(byCursor.length);
    expect(byCursor.length).toBe(first?.meta.total);
    expect(byCursor.slice(0, 100)).toEqual(whole);
    const numbers = Array.from({ length: first?.meta.totalPages ?? 0 }, (_, index) => index + 1);
    const byNumber = [];
    for (const page of numbers) byNumber.push(await shop.search({ ...filters, limit: 7, page }));
    expect(slugsOf(byNumber)).toEqual(byCursor);
    expect((await shop.search({ ...filters, limit: 7, page: numbers.length + 1 })).data).toEqual([]);
  });

  it('go on where they were when a product of the page before is gone', async () => {
    const first = await shop.search({ ...filters, limit: 5 });
    const second = await shop.search({ ...filters, limit: 5, cursor: first.meta.nextCursor ?? '' });
    const last = first.data.at(-1)?.slug ?? '';
    await shop.fixtures.database.product.updateMany({ where: { slug: last }, data: { status: 'HIDDEN' } });
    const again = await shop.search({ ...filters, limit: 5, cursor: first.meta.nextCursor ?? '' });
    expect(slugsOf([again])).toEqual(slugsOf([second]));
  });
});
