import { ProductListSchema } from '@doa-market/common/contracts';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Prisma } from '../src/generated/prisma/client.ts';
import { createCounts } from '../src/product/counts.ts';
import { openShop, type Shop, toQuery } from './search-shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop([]);
  for (let number = 0; number < 23; number += 1) {
    await shop.fixtures.product({
      slug: `item-${number}`,
      category: number % 4 === 0 ? 'food' : 'living',
      // Many ties in every order.
      price: 1_000 * (1 + (number % 3)),
      listPrice: 6_000,
      salesCount: number % 2,
      ageInDays: 100,
    });
  }
});
afterAll(() => shop.close());

async function page(parameters: Record<string, string | number>) {
  const response = await shop.app.inject(`/api/v1/products?${toQuery(parameters)}`);
  return Value.Parse(ProductListSchema, response.json());
}

async function slugsByCursor(parameters: Record<string, string | number>): Promise<string[]> {
  const slugs: string[] = [];
  let cursor: string | undefined;
  do {
    const { data, meta } = await page({ ...parameters, ...(cursor && { cursor }) });
    expect(data.length).toBeGreaterThan(0);
    slugs.push(...data.map(({ slug }) => slug));
    cursor = meta.nextCursor;
  } while (cursor);
  return slugs;
}

describe('the pages of a list of products by cursor', () => {
  const orders = ['popular', 'newest', 'discount', 'price-asc', 'price-desc'];

  it.each(orders)('are the list in order by %s, without gaps and doubles under ties', async (sort) => {
    const whole = (await page({ sort, limit: 100 })).data.map(({ slug }) => slug);
    expect(whole).toHaveLength(23);
    for (const limit of [1, 4, 23]) expect(await slugsByCursor({ sort, limit })).toEqual(whole);
  });

  it('keep to the filters', async () => {
    const slugs = await slugsByCursor({ category: 'food', exclude: 'item-4', limit: 2 });
    expect(slugs.sort()).toEqual(['item-0', 'item-12', 'item-16', 'item-20', 'item-8']);
    expect((await page({ category: 'food', exclude: 'item-4' })).meta.total).toBe(5);
  });

  it.each([
    ['of another order', 'price-asc'],
    ['that is not ours', 'popular'],
  ])('are refused with a cursor %s', async (kind, sort) => {
    const { meta } = await page({ sort: 'newest', limit: 2 });
    const cursor = kind === 'that is not ours' ? 'WzFd' : meta.nextCursor;
    const response = await shop.app.inject(`/api/v1/products?${toQuery({ sort, cursor: cursor ?? '' })}`);
    expect(response.statusCode).toBe(422);
    expect(response.json()).toMatchObject({ errors: [{ field: 'cursor' }] });
  });

  it.each(["0'; --", '2147483648', '-1', '1e3', 'NaN'])('are refused with %s in a cursor', async (value) => {
    const cursor = Buffer.from(JSON.stringify(['popular', value, '0199f3a0-6f2e-7c31-9b4d-2f1a8c5e7d90']));
    const response = await shop.app.inject(`/api/v1/products?cursor=${cursor.toString('base64url')}`);
    expect(response.statusCode).toBe(422);
  });
});

describe('a total', () => {
  it('is counted anew while it is small', async () => {
    const { total } = (await page({})).meta;
    const { id } = await shop.fixtures.product({ slug: 'one-more' });
    expect((await page({})).meta.total).toBe(total + 1);
    await shop.fixtures.database.product.delete({ where: { id } });
  });

  it('is remembered for seconds where it is large, and then renewed behind the answer', async () => {
    let time = 0;
    let total = 12_000;
    const counts = createCounts(
      async () => total,
      () => time,
    );
    const where = Prisma.sql`true`;
    expect(await counts(where)).toBe(12_000);
    total = 12_001;
    expect(await counts(where)).toBe(12_000);
    time += 10_001;
    expect(await counts(where)).toBe(12_000);
    await expect.poll(() => counts(where)).toBe(12_001);
    expect(await counts(Prisma.sql`false`)).toBe(12_001);
  });

  it('is asked for again where counting it anew failed', async () => {
    let time = 0;
    let fails = false;
    const counts = createCounts(
      async () => {
        if (fails) throw new Error('away');
        return 20_000;
      },
      () => time,
    );
    const where = Prisma.sql`true`;
    await counts(where);
    fails = true;
    time += 10_001;
    expect(await counts(where)).toBe(20_000);
    await expect.poll(() => counts(where).catch(() => 'away')).toBe('away');
    fails = false;
    expect(await counts(where)).toBe(20_000);
  });
});
