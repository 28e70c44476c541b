import { randomUUID } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { POLICY } from '../src/policy.ts';
import {
  type Answers,
  CALLERS,
  ofAdministrators,
  ofBffServer,
  ofEditors,
  ofMembers,
  ofQueueServer,
  ofVisitors,
  tokenOf,
} from './support/callers.ts';
import { type Call, type Catalogue, type Method, openCatalogue } from './support/catalogue.ts';
import { picture } from './support/pictures.ts';

/** What a request is about: all of it the seller's, or there for an administrator to change. */
interface Things {
  productId: string;
  categoryId: string;
  emptyCategoryId: string;
  bannerId: string;
  importId: string;
  image: string;
}

interface Row {
  answers: Answers;
  request: (things: Things) => Omit<Call, 'token'> & { method: Method; path: string };
}

const headers = { 'if-match': '*' };
const someId = randomUUID();
const newSlug = () => `new-${randomUUID()}`;
const csv = { 'content-type': 'text/csv' };
/** Whether the things are as they were made: they are made again for the next test only where they may not be. */
let untouched = false;
let pixels: Buffer;

const hold = (method: Method, path: string): Row => ({
  answers: ofQueueServer,
  request: () => ({ method, path: `/internal/v1${path}`, ...(method === 'POST' && { body: {} }) }),
});
const review = (answers: Answers, method: Method, path: string): Row => ({
  answers,
  request: ({ productId }) => ({
    ...{ method, path: `/api/v1${path.replace('PRODUCT', productId)}`, headers },
    ...(method !== 'GET' && { body: {} }),
  }),
});

/** One row for every operation that asks for a token: a new one without its row fails the first test. */
const TABLE: Record<string, Row> = {
  listOwnProducts: {
    answers: ofEditors(200),
    request: () => ({ method: 'GET', path: '/api/v1/seller/products' }),
  },
  getOwnProduct: {
    answers: ofEditors(200, 404),
    request: ({ productId }) => ({ method: 'GET', path: `/api/v1/seller/products/${productId}` }),
  },
  createProduct: {
    answers: ofEditors(201),
    request: () => ({
      ...{ method: 'POST', path: '/api/v1/products' },
      body: {
        slug: newSlug(),
        name: '램프',
        brand: '도아',
        description: '',
        category: 'living',
        price: 1_000,
      },
    }),
  },
  updateProduct: {
    answers: ofEditors(200, 404),
    request: ({ productId }) => ({
      ...{ method: 'PATCH', path: `/api/v1/products/${productId}`, body: { name: '새 이름' }, headers },
    }),
  },
  removeProduct: {
    answers: ofEditors(204, 404),
    request: ({ productId }) => ({ method: 'DELETE', path: `/api/v1/products/${productId}`, headers }),
  },

  listManagedCategories: {
    answers: ofAdministrators(200),
    request: () => ({ method: 'GET', path: '/api/v1/admin/categories' }),
  },
  createCategory: {
    answers: ofAdministrators(201),
    request: ({ image, categoryId }) => ({
      ...{ method: 'POST', path: '/api/v1/categories' },
      body: { slug: newSlug(), name: '새 분류', description: '', image, parentId: categoryId },
    }),
  },
  updateCategory: {
    answers: ofAdministrators(200),
    request: ({ categoryId }) => ({
      ...{ method: 'PATCH', path: `/api/v1/categories/${categoryId}`, body: { active: false }, headers },
    }),
  },
  removeCategory: {
    answers: ofAdministrators(204),
    request: ({ emptyCategoryId }) => ({
      ...{ method: 'DELETE', path: `/api/v1/categories/${emptyCategoryId}`, headers },
    }),
  },
  orderCategories: {
    answers: ofAdministrators(200),
    request: ({ categoryId, emptyCategoryId }) => ({
      ...{ method: 'PUT', path: '/api/v1/category-order' },
      body: { parentId: null, ids: [emptyCategoryId, categoryId] },
    }),
  },

  listManagedBanners: {
    answers: ofAdministrators(200),
    request: () => ({ method: 'GET', path: '/api/v1/admin/banners' }),
  },
  createBanner: {
    answers: ofAdministrators(201),
    request: ({ image }) => ({
      ...{ method: 'POST', path: '/api/v1/banners' },
      body: {
        ...{ slug: newSlug(), title: '배너', subtitle: '', label: '', href: '/events', image, alt: '' },
        theme: { background: '#ffffff', foreground: '#000000' },
      },
    }),
  },
  updateBanner: {
    answers: ofAdministrators(200),
    request: ({ bannerId }) => ({
      ...{ method: 'PATCH', path: `/api/v1/banners/${bannerId}`, body: { active: false }, headers },
    }),
  },
  removeBanner: {
    answers: ofAdministrators(204),
    request: ({ bannerId }) => ({ method: 'DELETE', path: `/api/v1/banners/${bannerId}`, headers }),
  },
  orderBanners: {
    answers: ofAdministrators(200),
    request: ({ bannerId }) => ({ method: 'PUT', path: '/api/v1/banner-order', body: { ids: [bannerId] } }),
  },

  uploadImage: {
    answers: ofEditors(201),
    request: () => ({
      ...{ method: 'POST', path: '/api/v1/images', body: pixels, headers: { 'content-type': 'image/png' } },
    }),
  },
  exportProducts: {
    answers: ofEditors(200),
    request: () => ({ method: 'GET', path: '/api/v1/products.csv' }),
  },
  createImport: {
    answers: ofEditors(202),
    request: () => ({ method: 'POST', path: '/api/v1/imports', body: 'slug\nnothing\n', headers: csv }),
  },
  getImport: {
    answers: ofEditors(200, 404),
    request: ({ importId }) => ({ method: 'GET', path: `/api/v1/imports/${importId}` }),
  },

  getOwnReview: review(ofMembers, 'GET', '/products/PRODUCT/reviews/own'),
  createReview: review(ofMembers, 'POST', '/products/PRODUCT/reviews'),
  updateReview: review(ofMembers, 'PATCH', `/reviews/${someId}`),
  removeReview: review(ofMembers, 'DELETE', `/reviews/${someId}`),
  setReviewStatus: review(ofAdministrators('let in'), 'PUT', `/reviews/${someId}/status`),

  countView: review(ofVisitors, 'POST', '/products/lamp/views'),

  createHold: hold('POST', '/holds'),
  createSeatHold: hold('POST', `/events/${someId}/holds`),
  getHold: hold('GET', `/holds/${someId}`),
  extendHold: hold('POST', `/holds/${someId}/extend`),
  confirmHold: hold('POST', `/holds/${someId}/confirm`),
  releaseHold: hold('POST', `/holds/${someId}/release`),
  returnHold: hold('POST', `/holds/${someId}/return`),
  getAvailability: hold('GET', `/events/${someId}/availability`),
  listSentEvents: {
    answers: ofBffServer,
    request: () => ({ method: 'GET', path: '/internal/v1/sent-events' }),
  },
};

let catalogue: Catalogue;
let sellerId: string;
let things: Things;

beforeAll(async () => {
  catalogue = await openCatalogue();
  pixels = await picture(200, 200).png().toBuffer();
});
afterAll(() => catalogue.close());
beforeEach(async () => {
  if (untouched) return;
  const { database, fixtures } = catalogue;
  await database.product.deleteMany();
  await database.category.deleteMany();
  await database.banner.deleteMany();
  sellerId = randomUUID();
  const category = await fixtures.category('living', 0);
  const empty = await fixtures.category('empty', 1);
  const product = await fixtures.product({ slug: 'lamp', status: 'DRAFT' });
  await database.product.update({ where: { id: product.id }, data: { sellerId } });
  const banner = await fixtures.banner('autumn', 0, true);
  const finished = { ownerId: sellerId, sellerId, total: 0, finishedAt: new Date() };
  things = {
    productId: product.id,
    categoryId: category.id,
    emptyCategoryId: empty.id,
    bannerId: banner.id,
    importId: (await database.import.create({ data: finished })).id,
    image: `/api/v1/images/${category.imageHash}`,
  };
});

const DocumentSchema = Type.Object({
  paths: Type.Record(
    Type.String(),
    Type.Record(
      Type.String(),
      Type.Object({ operationId: Type.String(), security: Type.Array(Type.Unknown()) }),
    ),
  ),
});
type Operation = Static<typeof DocumentSchema>['paths'][string][string];

async function operations(): Promise<(Operation & { method: string; path: string })[]> {
  const { body } = await catalogue.call('GET', '/docs/json');
  const { paths } = Value.Parse(DocumentSchema, body);
  return Object.entries(paths)
    .filter(([path]) => path.startsWith('/api') || path.startsWith('/internal'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ ...operation, method, path })),
    );
}

/** All that somebody without permission could have changed. */
const belongings = () =>
  Promise.all([
    catalogue.database.product.findMany({ orderBy: { id: 'asc' } }),
    catalogue.database.sku.findMany({ orderBy: { id: 'asc' } }),
    catalogue.database.category.findMany({ orderBy: { id: 'asc' } }),
    catalogue.database.banner.findMany({ orderBy: { id: 'asc' } }),
    // Those that are running change by themselves.
    catalogue.database.import.findMany({ orderBy: { id: 'asc' }, select: { id: true } }),
    catalogue.database.outboxEvent.findMany({ orderBy: { id: 'asc' } }),
  ]);

describe('the table', () => {
  it('has a row for every operation that is not open to everybody, and for no other', async () => {
    const closed = (await operations()).filter(({ security }) => security.length > 0);
    expect(closed.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(TABLE).sort());
    for (const { security } of closed) expect(security).toEqual([{ bearer: [] }]);
  });

  it('has no row of its own beside the policy', () => {
    expect(Object.keys(TABLE).sort()).toEqual(Object.keys(POLICY).sort());
  });
});

describe('what is open to everybody', () => {
  it('changes nothing, and is read by nobody with a token that does not verify', async () => {
    const open = (await operations()).filter(({ security }) => security.length === 0);
    expect(open.length).toBeGreaterThan(5);
    for (const { method, path } of open) {
      expect([path, method]).toEqual([path, 'get']);
      const url = path.replace(/\{[^}]+\}/g, someId);
      expect([401, 403]).not.toContain((await catalogue.call('GET', url)).status);
      expect((await catalogue.call('GET', url, { token: 'forged' })).status).toBe(401);
    }
  });
});

const cells = Object.entries(TABLE).flatMap(([operation, row]) =>
  CALLERS.map((caller) => ({ operation, caller, status: row.answers[caller], row })),
);

describe('access', () => {
  it.each(cells)('to $operation is answered $status to $caller', async ({ caller, row, status }) => {
    untouched = false;
    const { method, path, ...call } = row.request(things);
    const credentials = await tokenOf(catalogue.authority, caller, sellerId);
    const before = await belongings();
    const answer = await catalogue.call(method, path, { ...call, ...credentials });
    if (status === 'let in') expect([401, 403]).not.toContain(answer.status);
    else expect(answer.status).toBe(status);
    if (status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Bearer /);
    if (typeof status !== 'number' || status < 400) return;
    expect(await belongings()).toEqual(before);
    untouched = true;
  });
});
