import type { Client } from 'pg';
import { keysOf } from '../../../src/search/keyboard.ts';
import { normalise } from '../../../src/search/normalise.ts';
import { documentTerms } from '../../../src/search/terms.ts';
import { type GeneratedProduct, generateProduct, LAST_ID } from './generate.ts';

/**
 * Writes a large catalogue. What triggers do for one product at a time in the database is done here for thousands, by
 * the same functions that the database's are tested against, and the index over terms is made once at the end.
 */

const BATCH = 2_500;
/** Below so many products, dropping the index and making it again costs more than it saves. */
const REINDEX_FROM = 20_000;
const INDEX =
  'CREATE INDEX IF NOT EXISTS search_documents_terms_idx ON search_documents USING gin (terms) WITH (fastupdate = off)';

interface Shelf {
  categoryId: string;
  imageHashes: string[];
}

export interface LargeSeed {
  /** Products that there shall be; those of an earlier run count. */
  count: number;
  today: Date;
  progress: (done: number, count: number) => void;
}

/** @returns how many products were added */
export async function loadLarge(client: Client, { count, today, progress }: LargeSeed): Promise<number> {
  const { rows } = await client.query<{ done: number }>(
    'SELECT count(*)::int AS done FROM products WHERE id < $1',
    [LAST_ID],
  );
  const done = rows[0]?.done ?? 0;
  const shelves = await readShelves(client);
  const reindex = count - done >= REINDEX_FROM;
  if (reindex) await client.query('DROP INDEX IF EXISTS search_documents_terms_idx');
  try {
    for (let from = done; from < count; from += BATCH) {
      const size = Math.min(BATCH, count - from);
      await writeBatch(
        client,
        shelves,
        Array.from({ length: size }, (_, i) => generateProduct(from + i, today)),
      );
      progress(from + size, count);
    }
  } finally {
    await client.query("SET maintenance_work_mem = '512MB'");
    await client.query(INDEX);
  }
  if (count > done) await client.query('ANALYZE');
  return Math.max(0, count - done);
}

/** Where generated products go, and the pictures of the shop's own products there that they borrow. */
async function readShelves(client: Client): Promise<Map<string, Shelf>> {
  const { rows } = await client.query<{ slug: string; id: string; hashes: string[] }>(
    `
    SELECT category.slug, category.id, ARRAY(
      SELECT DISTINCT image.image_hash FROM products product
      JOIN product_images image ON image.product_id = product.id AND image.position = 0
      WHERE product.category_id = category.id AND product.id > $1 LIMIT 20
    ) AS hashes
    FROM categories category`,
    [LAST_ID],
  );
  return new Map(rows.map(({ slug, id, hashes }) => [slug, { categoryId: id, imageHashes: hashes }]));
}

const TRIGGERS = [
  ['products', 'search_insert'],
  ['product_options', 'search_insert'],
  ['skus', 'search_insert'],
  ['reviews', 'reviews_change_ratings'],
] as const;

async function writeBatch(client: Client, shelves: Map<string, Shelf>, products: GeneratedProduct[]) {
  const shelf = ({ category }: GeneratedProduct) => {
    const found = shelves.get(category);
    if (!found?.imageHashes[0]) throw new Error(`the category ${category} has no product with a picture yet`);
    return found;
  };
  const switchTriggers = async (state: 'ENABLE' | 'DISABLE') => {
    for (const [table, trigger] of TRIGGERS)
      await client.query(`ALTER TABLE ${table} ${state} TRIGGER ${trigger}`);
  };
  await client.query('BEGIN');
  try {
    await switchTriggers('DISABLE');
    await insert(client, 'products', products, {
      id: ['uuid', (it) => it.id],
      slug: ['text', (it) => it.slug],
      name: ['text', (it) => it.name],
      brand: ['text', (it) => it.brand],
      description: ['text', (it) => it.description],
      category_id: ['uuid', (it) => shelf(it).categoryId],
      price: ['int', (it) => it.price],
      list_price: ['int', (it) => it.listPrice],
      discount_rate: ['int', (it) => it.discountRate],
      rating: ['numeric', ratingOf],
      review_count: ['int', (it) => it.reviews.length],
      sales_count: ['int', (it) => it.salesCount],
      status: ['product_status', (it) => it.status],
      created_at: ['timestamptz', (it) => it.createdAt],
      updated_at: ['timestamptz', (it) => it.createdAt],
    });
    await insert(client, 'product_images', products, {
      product_id: ['uuid', (it) => it.id],
      position: ['int', () => 0],
      image_hash: ['text', (it) => pickHash(shelf(it), it)],
      alt: ['text', (it) => it.name],
    });
    const options = products.flatMap(({ id, options }) =>
      options.map((it, position) => ({ id, position, ...it })),
    );
    await insert(client, 'product_options', options, {
      product_id: ['uuid', (it) => it.id],
      position: ['int', (it) => it.position],
      name: ['text', (it) => it.name],
      values: ['list', (it) => JSON.stringify(it.values)],
    });
    const skus = products.flatMap(({ id, slug, price, skus }) =>
      skus.map((sku, position) => ({
        ...sku,
        productId: id,
        price,
        position,
        code: `${slug}-${position + 1}`,
      })),
    );
    await insert(client, 'skus', skus, {
      id: ['uuid', (it) => it.id],
      code: ['text', (it) => it.code],
      product_id: ['uuid', (it) => it.productId],
      position: ['int', (it) => it.position],
      values: ['list', (it) => JSON.stringify(it.values)],
      price: ['int', (it) => it.price],
      on_hand: ['int', (it) => it.onHand],
    });
    await writeReviews(client, products);
    await writeDocuments(client, shelves, products);
    await switchTriggers('ENABLE');
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

const pickHash = ({ imageHashes }: Shelf, { salesCount }: GeneratedProduct) =>
  imageHashes[salesCount % imageHashes.length];

/** As the fold of src/review makes it of all reviews: one decimal, null without any. */
function ratingOf({ reviews }: GeneratedProduct): number | null {
  if (reviews.length === 0) return null;
  const points = reviews.reduce((sum, { rating }) => sum + rating, 0);
  return Math.round((10 * points) / reviews.length) / 10;
}

const STARS = { ones: 1, twos: 2, threes: 3, fours: 4, fives: 5 };

/** The reviews, and what the fold of src/review would have counted of them. */
async function writeReviews(client: Client, products: GeneratedProduct[]) {
  const reviewed = products.filter(({ reviews }) => reviews.length > 0);
  const reviews = reviewed.flatMap(({ id, reviews }) => reviews.map((it) => ({ ...it, productId: id })));
  await insert(client, 'reviews', reviews, {
    id: ['uuid', (it) => it.id],
    product_id: ['uuid', (it) => it.productId],
    member_id: ['uuid', (it) => it.memberId],
    author: ['text', (it) => it.author],
    rating: ['int', (it) => it.rating],
    title: ['text', (it) => it.title],
    body: ['text', (it) => it.body],
    created_at: ['timestamptz', (it) => it.createdAt],
    updated_at: ['timestamptz', (it) => it.createdAt],
  });
  const starsOf = (stars: number): Columns<GeneratedProduct>[string] => [
    'int',
    (it) => it.reviews.filter(({ rating }) => rating === stars).length,
  ];
  await insert(client, 'product_ratings', reviewed, {
    product_id: ['uuid', (it) => it.id],
    ...Object.fromEntries(Object.entries(STARS).map(([name, stars]) => [name, starsOf(stars)])),
  });
}

/** What search_refresh() would have made of them. */
async function writeDocuments(client: Client, shelves: Map<string, Shelf>, products: GeneratedProduct[]) {
  const listed = products.filter(({ status }) => status === 'ACTIVE' || status === 'OUT_OF_STOCK');
  const categoryOf = ({ category }: GeneratedProduct) => shelves.get(category)?.categoryId ?? '';
  await insert(client, 'search_documents', listed, {
    product_id: ['uuid', (it) => it.id],
    terms: ['tsvector', (it) => vectorOf(it, categoryOf(it))],
    name: ['text', (it) => it.name],
    brand: ['text', (it) => it.brand],
    category_id: ['uuid', categoryOf],
    options: [
      'jsonb',
      (it) => JSON.stringify(Object.fromEntries(it.options.map(({ name, values }) => [name, values]))),
    ],
    price: ['int', (it) => it.price],
    rating: ['numeric', ratingOf],
    in_stock: ['boolean', (it) => it.status === 'ACTIVE' && it.skus.some(({ onHand }) => onHand > 0)],
    popularity: ['int', (it) => it.salesCount],
    created_at: ['timestamptz', (it) => it.createdAt],
  });
  const brands = [...new Set(listed.map(({ brand }) => brand))].sort();
  await client.query(
    `INSERT INTO search_brands (name, terms) SELECT name, array_to_tsvector(search_pieces(name))
     FROM unnest($1::text[]) name ON CONFLICT DO NOTHING`,
    [brands],
  );
  const words = new Set(listed.flatMap(({ name, brand }) => normalise(`${name} ${brand}`).split(' ')));
  const learnt = [...words].filter((word) => word.length >= 2 && word.length <= 30).sort();
  await client.query(
    'INSERT INTO search_words (word, keys) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING',
    [learnt, learnt.map(keysOf)],
  );
}

function vectorOf(product: GeneratedProduct, categoryId: string): string {
  const tier = String.fromCharCode(65 + Math.min(19, 32 - Math.clz32(product.salesCount)));
  const options = product.options.flatMap(({ values }) => values);
  return [...documentTerms({ ...product, categoryId, options })].map((term) => `'${tier}${term}'`).join(' ');
}

type Value = string | number | boolean | Date | null | undefined;
type Columns<T> = Record<string, readonly [type: string, value: (it: T) => Value]>;

/** One statement for all rows, an array for each column; a `list` is an array of text as JSON. */
async function insert<T>(
  client: Client,
  table: string,
  rows: readonly T[],
  columns: Columns<T>,
): Promise<void> {
  const entries = Object.entries(columns);
  const names = entries.map(([name]) => `"${name}"`).join(', ');
  const arrays = entries
    .map(([, [type]], index) => `$${index + 1}::${type === 'list' ? 'jsonb' : type}[]`)
    .join(', ');
  const selected = entries.map(([name, [type]]) =>
    type === 'list' ? `ARRAY(SELECT jsonb_array_elements_text("${name}"))` : `"${name}"`,
  );
  await client.query(
    `INSERT INTO ${table} (${names}) SELECT ${selected.join(', ')} FROM unnest(${arrays}) AS row_ (${names})`,
    entries.map(([, [, value]]) => rows.map(value)),
  );
}
