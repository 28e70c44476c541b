import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@doa-market/common/config';
import { type SkuOffer, SkuOfferListSchema } from '@doa-market/common/contracts';
import type { App } from '@doa-market/common/server';
import { type TemporaryDatabase, temporaryDatabase } from '@doa-market/scripts/testing';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../src/app.ts';
import { ConfigSchema } from '../src/config.ts';
import { createFixtures } from './fixtures.ts';

let store: TemporaryDatabase;
let fixtures: ReturnType<typeof createFixtures>;
let app: App;
const ids: Record<string, string> = {};

beforeAll(async () => {
  store = await temporaryDatabase(fileURLToPath(new URL('../prisma/migrations', import.meta.url)));
  fixtures = createFixtures(store.url);
  await fixtures.category('living', 0);
  for (const [slug, status] of [
    ['lamp', 'ACTIVE'],
    ['ended', 'OUT_OF_STOCK'],
    ['draft', 'DRAFT'],
    ['hidden', 'HIDDEN'],
  ] as const) {
    await fixtures.product({ slug, status });
  }
  for (const { id, code } of await fixtures.database.sku.findMany()) ids[code] = id;
  app = await buildApp(loadConfig(ConfigSchema, { LOG_LEVEL: 'silent', DATABASE_URL: store.url }));
});
afterAll(async () => {
  await app.close();
  await fixtures.close();
  await store.drop();
});

const read = async (...codes: string[]): Promise<SkuOffer[]> => {
  const list = codes.map((code) => ids[code] ?? code).join(',');
  const response = await app.inject(`/api/v1/skus?ids=${list}`);
  const body: unknown = response.json();
  if (!Value.Check(SkuOfferListSchema, body)) throw new Error(`not the contract: ${response.body}`);
  return body.data;
};

describe('SKUs by their ids', () => {
  it('come with product, price and what is on hand and not held', async () => {
    expect(await read('lamp-1')).toEqual([
      {
        id: ids['lamp-1'],
        code: 'lamp-1',
        values: ['모래'],
        options: ['색상'],
        price: 10_000,
        stock: 7,
        status: 'ACTIVE',
        product: expect.objectContaining({ slug: 'lamp', name: 'lamp', brand: '도아' }),
      },
    ]);
  });

  it('are out of stock by themselves, or with their product', async () => {
    const offers = await read('lamp-1', 'lamp-2', 'ended-1');
    const statuses = Object.fromEntries(offers.map(({ code, status }) => [code, status]));
    expect(statuses).toEqual({ 'lamp-1': 'ACTIVE', 'lamp-2': 'OUT_OF_STOCK', 'ended-1': 'OUT_OF_STOCK' });
  });

  it('leave out what is not there and what nobody may see', async () => {
    expect(await read(randomUUID(), 'draft-1', 'hidden-1')).toEqual([]);
    expect(await read(randomUUID(), 'draft-1', 'lamp-1')).toHaveLength(1);
  });

  it('are read a hundred at a time, and one at a time when one is named twice', async () => {
    expect(await read('lamp-1', ...Array.from({ length: 99 }, () => randomUUID()))).toHaveLength(1);
    expect(await read('lamp-1', 'lamp-1')).toHaveLength(1);
  });

  it('are told as they are now: no cache may keep them', async () => {
    const response = await app.inject(`/api/v1/skus?ids=${ids['lamp-1']}`);
    expect(response.headers['cache-control']).toBe('private, no-store');
  });

  it.each([
    ['nothing', ''],
    ['no ids', 'ids='],
    ['something else', 'ids=1'],
    ['a comma too many', `ids=${randomUUID()},`],
    ['upper case', `ids=${randomUUID().toUpperCase()}`],
    ['a list of another kind', `ids=${randomUUID()}&ids=${randomUUID()}`],
    ['a statement', `ids=${randomUUID()}'%20OR%20true`],
    ['more than a hundred', `ids=${Array.from({ length: 101 }, () => randomUUID()).join(',')}`],
  ])('are not read for %s: 422', async (_name, query) => {
    expect((await app.inject(`/api/v1/skus?${query}`)).statusCode).toBe(422);
  });
});

describe('a list of products', () => {
  it('narrows down to ids', async () => {
    const all = await fixtures.database.product.findMany();
    const wanted = all.map(({ id }) => id).join(',');
    const response = await app.inject(`/api/v1/products?ids=${wanted}&limit=100`);
    const slugs = response.json<{ data: { slug: string }[] }>().data.map(({ slug }) => slug);
    expect(slugs.sort()).toEqual(['ended', 'lamp']);
  });
});
