import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@doa-market/common/config';
import { ProductDetailSchema, ProductListSchema, type Readiness } from '@doa-market/common/contracts';
import type { App } from '@doa-market/common/server';
import { type Authority, endSession, startAuthority } from '@doa-market/common/testing';
import { redisUrl, type TemporaryDatabase, temporaryDatabase } from '@doa-market/scripts/testing';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildApp } from '../src/app.ts';
import { ConfigSchema } from '../src/config.ts';
import { createFixtures } from './fixtures.ts';

const HASH = 'ab'.repeat(16);
let store: TemporaryDatabase;
let fixtures: ReturnType<typeof createFixtures>;
let authority: Authority;
let app: App;
let images: string;

beforeAll(async () => {
  store = await temporaryDatabase(fileURLToPath(new URL('../prisma/migrations', import.meta.url)));
  images = await mkdtemp(join(tmpdir(), 'doa-images-'));
  fixtures = createFixtures(store.url);
  await fixtures.category('food', 1);
  await fixtures.category('living', 0);
  await fixtures.product({ slug: 'popular', salesCount: 5_000 });
  await fixtures.product({ slug: 'fresh', ageInDays: 2, category: 'food' });
  await fixtures.product({ slug: 'cheap', price: 7_000, listPrice: 10_000, salesCount: 10 });
  await fixtures.product({ slug: 'sold-out', status: 'OUT_OF_STOCK', salesCount: 5 });
  await fixtures.product({ slug: 'draft', status: 'DRAFT' });
  await fixtures.product({ slug: 'hidden', status: 'HIDDEN' });
  await fixtures.banner('second', 1, true);
  await fixtures.banner('first', 0, true);
  await fixtures.banner('past', 2, false);
  await mkdir(join(images, HASH));
  await writeFile(join(images, HASH, '160.webp'), 'pixels');
  authority = await startAuthority();
  app = await buildApp(
    loadConfig(ConfigSchema, {
      LOG_LEVEL: 'silent',
      DATABASE_URL: store.url,
      AUTH_SERVICE_URL: authority.url,
      REDIS_URL: redisUrl(),
      IMAGE_DIR: images,
    }),
  );
});
afterAll(async () => {
  await app.close();
  await authority.close();
  await fixtures.close();
  await store.drop();
  await rm(images, { recursive: true });
});

const slugs = async (query: string) => {
  const response = await app.inject(`/api/v1/products?${query}`);
  return response.json<{ data: { slug: string }[] }>().data.map(({ slug }) => slug);
};

describe('the list of products', () => {
  it('answers a page that matches the contract, and may be kept by shared caches', async () => {
    const response = await app.inject('/api/v1/products');
    expect(Value.Check(ProductListSchema, response.json())).toBe(true);
    expect(response.headers['cache-control']).toMatch(/^public, s-maxage=60/);
  });

  it('shows no draft and nothing hidden', async () => {
    expect(await slugs('')).toEqual(expect.not.arrayContaining(['draft']));
    expect(await slugs('')).toEqual(expect.not.arrayContaining(['hidden']));
  });

  it.each([
    ['popular', 'sort=popular', 'popular'],
    ['newest', 'sort=newest', 'fresh'],
    ['discount', 'sort=discount', 'cheap'],
    ['price', 'sort=price-asc', 'cheap'],
  ])('puts the right product first by %s', async (_name, query, first) => {
    expect((await slugs(query))[0]).toBe(first);
  });

  it('narrows down to a category, to discounts, and past a product', async () => {
    expect(await slugs('category=food')).toEqual(['fresh']);
    expect(await slugs('discounted=true')).toEqual(['cheap']);
    expect(await slugs('exclude=popular')).not.toContain('popular');
    expect(await slugs('category=unknown')).toEqual([]);
  });

  it('has pages that do not overlap', async () => {
    const pages = await Promise.all([
      slugs('limit=2&page=1'),
      slugs('limit=2&page=2'),
      slugs('limit=2&page=3'),
    ]);
    expect(new Set(pages.flat()).size).toBe(4);
    expect(pages[2]).toEqual([]);
  });

  it('says how many there are', async () => {
    const response = await app.inject('/api/v1/products?limit=3');
    expect(response.json()).toMatchObject({ meta: { page: 1, limit: 3, total: 4, totalPages: 2 } });
  });

  it.each(['page=0', 'limit=101', 'limit=all', 'sort=best', 'category=../x', 'surprise=1'])(
    'answers 422 to %s',
    async (query) => {
      const response = await app.inject(`/api/v1/products?${query}`);
      expect(response.statusCode).toBe(422);
      expect(response.json()).toMatchObject({ code: 'REQ_4220' });
    },
  );

  it('gives a product the badges it has earned', async () => {
    const response = await app.inject('/api/v1/products');
    const badges = Object.fromEntries(
      response.json<{ data: { slug: string; badges: string[] }[] }>().data.map((it) => [it.slug, it.badges]),
    );
    expect(badges).toMatchObject({ popular: ['BEST'], fresh: ['NEW'], cheap: ['DEAL'] });
  });
});

describe('a product', () => {
  it('is found by its slug and by its id', async () => {
    const bySlug = await app.inject('/api/v1/products/cheap');
    expect(Value.Check(ProductDetailSchema, bySlug.json())).toBe(true);
    const byId = await app.inject(`/api/v1/products/${bySlug.json<{ id: string }>().id}`);
    expect(byId.json()).toEqual(bySlug.json());
  });

  it('has what is on hand and not held as its stock', async () => {
    const response = await app.inject('/api/v1/products/cheap');
    expect(response.json()).toMatchObject({
      discountRate: 30,
      skus: [
        { values: ['모래'], stock: 7 },
        { values: ['안개'], stock: 0 },
      ],
    });
  });

  it.each(['draft', 'hidden', 'unknown', '01980000-0000-7000-8000-000000000000'])(
    'does not exist as %s',
    async (slug) => {
      const response = await app.inject(`/api/v1/products/${slug}`);
      expect(response.statusCode).toBe(404);
      expect(response.headers['cache-control']).toBe('private, no-store');
    },
  );
});

describe('the database itself', () => {
  const violations: Record<string, string> = {
    'a price above the list price': 'UPDATE products SET price = list_price + 1',
    'a discount rate that the prices do not give':
      "UPDATE products SET discount_rate = 50 WHERE slug = 'popular'",
    'more units held than on hand': 'UPDATE skus SET held = on_hand + 1',
    'a negative number of held units': 'UPDATE skus SET held = -1',
  };
  it.each(Object.entries(violations))('refuses %s', async (_name, statement) => {
    await expect(fixtures.database.$executeRawUnsafe(statement)).rejects.toThrow(/check constraint/);
  });
});

describe('categories and banners', () => {
  it('come in the order of the shop, and count what they list', async () => {
    const response = await app.inject('/api/v1/categories');
    expect(response.json()).toMatchObject({
      data: [
        { slug: 'living', productCount: 3 },
        { slug: 'food', productCount: 1 },
      ],
    });
  });

  it('come without the banners that are over', async () => {
    const response = await app.inject('/api/v1/banners');
    expect(response.json()).toMatchObject({ data: [{ title: 'first' }, { title: 'second' }] });
  });
});

describe('an image', () => {
  it('is served for ever under the name of its content', async () => {
    const response = await app.inject(`/api/v1/images/${HASH}/160.webp`);
    expect(response.body).toBe('pixels');
    expect(response.headers).toMatchObject({
      'content-type': 'image/webp',
      'content-length': '6',
      'cache-control': 'public, max-age=31536000, immutable',
    });
  });

  it.each([
    [`${HASH}/320.webp`, 404],
    [`${'00'.repeat(16)}/160.webp`, 404],
    [`${HASH}/160.png`, 422],
    [`${HASH}/..%2f..%2fetc%2fpasswd`, 422],
    [`..%2f${HASH}/160.webp`, 422],
  ])('does not exist as %s', async (path, status) => {
    expect((await app.inject(`/api/v1/images/${path}`)).statusCode).toBe(status);
  });
});

describe('a session that was ended', () => {
  it('opens nothing any more, although its access token has not expired', async () => {
    const sid = randomUUID();
    await endSession(redisUrl(), sid);
    const token = await authority.token('MEMBER', randomUUID(), { claims: { sid } });
    const headers = { authorization: `Bearer ${token}` };
    await vi.waitFor(async () => {
      const response = await app.inject({ url: '/api/v1/products', headers });
      expect(response.statusCode).toBe(401);
      expect(response.json()).toMatchObject({ code: 'AUTH_1005' });
    });
  });

  it('is looked up without making Redis a condition of serving', async () => {
    const { checks } = (await app.inject('/ready')).json<Readiness>();
    expect(checks['redis']).toEqual({ status: 'up', required: false });
  });
});
