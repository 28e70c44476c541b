import { fileURLToPath } from 'node:url';
import { loadConfig } from '@doa-market/common/config';
import { type ProductSummary, type Shelves, ShelvesSchema } from '@doa-market/common/contracts';
import type { App } from '@doa-market/common/server';
import { type Authority, startAuthority } from '@doa-market/common/testing';
import { redisUrl, type TemporaryDatabase, temporaryDatabase } from '@doa-market/scripts/testing';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../src/app.ts';
import { ConfigSchema } from '../src/config.ts';
import { createFixtures } from './fixtures.ts';

let store: TemporaryDatabase;
let fixtures: ReturnType<typeof createFixtures>;
let authority: Authority;
let app: App;

beforeAll(async () => {
  store = await temporaryDatabase(fileURLToPath(new URL('../prisma/migrations', import.meta.url)));
  fixtures = createFixtures(store.url);
  await fixtures.category('living', 0);
  await fixtures.category('food', 1);
  await fixtures.product({ slug: 'best', salesCount: 500 });
  await fixtures.product({ slug: 'second', salesCount: 400, status: 'OUT_OF_STOCK' });
  await fixtures.product({ slug: 'reduced', price: 5_000, listPrice: 10_000, ageInDays: 300 });
  await fixtures.product({ slug: 'less-reduced', price: 9_000, listPrice: 10_000, salesCount: 1 });
  await fixtures.product({ slug: 'new', ageInDays: 1, category: 'food', salesCount: 450 });
  await fixtures.product({ slug: 'draft', salesCount: 9_000, status: 'DRAFT', ageInDays: 0 });
  await fixtures.product({ slug: 'hidden', salesCount: 9_000, status: 'HIDDEN', ageInDays: 0 });
  authority = await startAuthority();
  app = await buildApp(
    loadConfig(ConfigSchema, {
      LOG_LEVEL: 'silent',
      DATABASE_URL: store.url,
      AUTH_SERVICE_URL: authority.url,
      REDIS_URL: redisUrl(),
    }),
  );
});
afterAll(async () => {
  await app.close();
  await authority.close();
  await fixtures.close();
  await store.drop();
});

const slugsOf = (products: ProductSummary[]) => products.map(({ slug }) => slug);

describe('the shelves', () => {
  it('have what sells best, what is new and what is reduced, of what is listed alone', async () => {
    const response = await app.inject('/api/v1/shelves?limit=3');
    const shelves = response.json<Shelves>();
    expect(Value.Check(ShelvesSchema, shelves)).toBe(true);
    expect(slugsOf(shelves.best)).toEqual(['best', 'new', 'second']);
    expect(slugsOf(shelves.newest)[0]).toBe('new');
    expect(slugsOf(shelves.deals)).toEqual(['reduced', 'less-reduced']);
    expect(response.headers['cache-control']).toMatch(/^public, s-maxage/);
  });

  it('show a product as every list does', async () => {
    const { best } = (await app.inject('/api/v1/shelves')).json<Shelves>();
    const { data } = (await app.inject('/api/v1/products?sort=popular')).json<{ data: ProductSummary[] }>();
    expect(best).toEqual(data);
  });
});

describe('what is beside a product', () => {
  const related = async (slug: string, query = '') => app.inject(`/api/v1/products/${slug}/related${query}`);

  it('is of its own category first, and never itself', async () => {
    const { data } = (await related('best', '?limit=4')).json<{ data: ProductSummary[] }>();
    expect(slugsOf(data)).toEqual(['second', 'less-reduced', 'reduced', 'new']);
  });

  it('is filled up with what sells best in the whole shop', async () => {
    const { data } = (await related('new', '?limit=2')).json<{ data: ProductSummary[] }>();
    expect(slugsOf(data)).toEqual(['best', 'second']);
  });

  it('is nothing for what is not listed', async () => {
    for (const slug of ['draft', 'hidden', 'unknown']) expect((await related(slug)).statusCode).toBe(404);
    expect((await related('best', '?limit=0')).statusCode).toBe(422);
  });
});
