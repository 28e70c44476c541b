import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateProduct } from '../prisma/seed/large/generate.ts';
import { loadLarge } from '../prisma/seed/large/load.ts';
import { LINES } from '../prisma/seed/large/words.ts';
import { openShop, type Shop } from './search-shop.ts';

const today = new Date('2026-11-01');
let shop: Shop;
let client: pg.Client;

beforeAll(async () => {
  shop = await openShop([]);
  await shop.fixtures.category('pets', 9, '반려동물');
  for (const slug of Object.keys(LINES)) {
    await shop.fixtures.product({ slug: `first-of-${slug}`, category: slug, status: 'HIDDEN' });
  }
  client = new pg.Client({ connectionString: shop.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await shop.close();
});

const load = (count: number) => loadLarge(client, { count, today, progress: () => undefined });
const rowsOf = async (query: string) => (await client.query(query)).rows;

describe('a large catalogue', () => {
  it('is the same in every run', () => {
    const products = Array.from({ length: 100 }, (_, number) => generateProduct(number, today));
    expect(products).toEqual(Array.from({ length: 100 }, (_, number) => generateProduct(number, today)));
    expect(new Set(products.map(({ name }) => name)).size).toBeGreaterThan(95);
    expect(new Set(products.flatMap(({ id, skus }) => [id, ...skus.map((sku) => sku.id)])).size).toBe(
      products.reduce((sum, { skus }) => sum + 1 + skus.length, 0),
    );
  });

  it('goes on where an earlier run ended', async () => {
    expect(await load(200)).toBe(200);
    expect(await load(300)).toBe(100);
    expect(await load(300)).toBe(0);
    expect(await rowsOf("SELECT count(*)::int AS count FROM products WHERE slug NOT LIKE 'first-%'")).toEqual(
      [{ count: 300 }],
    );
  });

  it('is searched exactly as if it had been written one product at a time', async () => {
    const documents = () => rowsOf('SELECT * FROM search_documents ORDER BY product_id');
    const words = () => rowsOf('SELECT * FROM search_words ORDER BY word');
    const brands = () => rowsOf('SELECT * FROM search_brands ORDER BY name');
    const loaded = [await documents(), await words(), await brands()];
    await client.query('TRUNCATE search_documents, search_words, search_brands');
    await client.query('SELECT search_refresh(ARRAY(SELECT id FROM products))');
    await client.query('SELECT search_learn(ARRAY(SELECT name FROM categories))');
    const [byTriggers = [], knownWords = [], knownBrands = []] = [
      await documents(),
      await words(),
      await brands(),
    ];
    expect(byTriggers.length).toBeGreaterThan(250);
    expect(loaded[0]).toEqual(byTriggers);
    expect(knownWords).toEqual(expect.arrayContaining(loaded[1] ?? []));
    expect(knownBrands).toEqual(expect.arrayContaining(loaded[2] ?? []));
  });

  it('has ratings that follow from its reviews', async () => {
    const counted = await rowsOf(`
      SELECT product_id AS id, count(*)::int AS count, round(avg(rating), 1) AS rating,
             count(*) FILTER (WHERE rating = 5)::int AS fives
      FROM reviews GROUP BY product_id ORDER BY product_id`);
    expect(counted.length).toBeGreaterThan(100);
    expect(
      await rowsOf(`
        SELECT product.id, review_count AS count, rating, fives
        FROM products product JOIN product_ratings ON product_id = product.id ORDER BY product.id`),
    ).toEqual(counted);
    expect(await rowsOf('SELECT * FROM rating_changes')).toEqual([]);
  });

  it('leaves the triggers on for the writes that follow', async () => {
    expect(await rowsOf("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'O'")).toEqual(
      [],
    );
  });
});
