import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadConfig } from '@doa-market/common/config';
import { ConfigSchema } from '../../src/config.ts';
import { createDatabase, type Database } from '../../src/database.ts';
import { createImageStore } from '../../src/image/create-store.ts';
import { combinations } from '../../src/product/combinations.ts';
import { banners, categories, products, type SeedProduct } from './catalogue.ts';
import { seedEvents } from './events.ts';
import { seedLarge } from './large/main.ts';
import { hashOf, renderImage } from './render.ts';
import { seedReviews } from './reviews.ts';

/** Fills an empty catalogue and adds what is missing from another; what is there is left as it is. */

const ILLUSTRATIONS = join(dirname(fileURLToPath(import.meta.url)), 'illustrations');
const DAY = 86_400_000;

const config = loadConfig(ConfigSchema, process.env);
const database = createDatabase(config.DATABASE_URL);
const store = createImageStore(config);

/** The hash of an illustration whose pictures are in the store and which the database knows. */
async function image(kind: 'categories' | 'products' | 'banners', slug: string): Promise<string> {
  const svg = join(ILLUSTRATIONS, kind, `${slug}.svg`);
  const hash = await hashOf(svg);
  const known = await database.image.findUnique({ where: { hash } });
  if (known && (await store.has(hash))) return hash;
  const rendered = await renderImage(svg, store);
  await database.image.upsert({ where: { hash }, create: rendered, update: {} });
  return hash;
}

/** To draw them takes longer than all the rest, and one does not wait for another. */
async function drawImages(): Promise<void> {
  const rest = [
    ...categories.map(({ slug }) => ['categories', slug] as const),
    ...products.map(({ slug }) => ['products', slug] as const),
    ...banners.map(({ slug }) => ['banners', slug] as const),
  ].values();
  async function draw(): Promise<void> {
    for (const [kind, slug] of rest) await image(kind, slug);
  }
  await Promise.all(Array.from({ length: availableParallelism() }, draw));
}

async function seedCategories(): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const [position, category] of categories.entries()) {
    const imageHash = await image('categories', category.slug);
    const { id } = await database.category.upsert({
      where: { slug: category.slug },
      create: { ...category, position, imageHash },
      update: {},
    });
    ids.set(category.slug, id);
  }
  return ids;
}

async function seedProduct(product: SeedProduct, categoryId: string): Promise<void> {
  const { slug, name, brand, description, price, listPrice, salesCount } = product;
  const imageHash = await image('products', slug);
  if (await database.product.findFirst({ where: { slug, deletedAt: null } })) return;
  await database.product.create({
    data: {
      ...{ slug, name, brand, description, price, listPrice, salesCount, categoryId },
      discountRate: Math.floor(((listPrice - price) * 100) / listPrice),
      status: 'ACTIVE',
      createdAt: new Date(Date.now() - product.age * DAY),
      images: { create: { position: 0, imageHash, alt: product.alt } },
      options: { create: product.options.map((option, position) => ({ ...option, position })) },
      skus: {
        create: combinations(product.options.map((option) => option.values)).map((values, position) => ({
          code: `${slug}-${position + 1}`,
          position,
          values,
          price,
          onHand: product.stock[position] ?? 0,
        })),
      },
    },
  });
}

async function seedBanners(): Promise<void> {
  for (const [position, banner] of banners.entries()) {
    const imageHash = await image('banners', banner.slug);
    await database.banner.upsert({
      where: { slug: banner.slug },
      create: { ...banner, position, imageHash },
      update: {},
    });
  }
}

async function seed(db: Database): Promise<void> {
  await drawImages();
  const categoryIds = await seedCategories();
  for (const product of products) {
    const categoryId = categoryIds.get(product.category);
    if (!categoryId) throw new Error(`${product.slug} names the unknown category ${product.category}`);
    await seedProduct(product, categoryId);
  }
  await seedBanners();
  const eventCount = await seedEvents(db);
  const reviewCount = await seedReviews(db, products);
  const [categoryCount, productCount] = await Promise.all([db.category.count(), db.product.count()]);
  const counts = `${categoryCount} categories, ${productCount} products with ${reviewCount} reviews, ${eventCount} events`;
  process.stdout.write(`the catalogue has ${counts}\n`);
}

const { values } = parseArgs({ options: { products: { type: 'string' } } });

try {
  await seed(database);
  if (values.products !== undefined) await seedLarge(config.DATABASE_URL, values.products);
} finally {
  await database.$disconnect();
}
