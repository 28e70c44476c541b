import { randomUUID } from 'node:crypto';
import { type Wishlist, WishlistSchema } from '@doa-market/common/contracts';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunningCatalogue, startCatalogue } from './support/catalogue.ts';
import { insist } from './support/insist.ts';
import { type Answer, type Call, openShop, type Shop } from './support/shop.ts';
import { FAILURES, startFailingCatalogue } from './support/stand-in.ts';

let catalogue: RunningCatalogue;
let shop: Shop;
let memberId: string;
let token: string;

beforeAll(async () => {
  catalogue = await startCatalogue();
  shop = await openShop(catalogue.env);
});
afterAll(async () => {
  await shop.close();
  await catalogue.close();
});
beforeEach(async () => {
  memberId = await shop.member();
  token = await shop.authority.token('MEMBER', memberId);
});

const send = (method: string, path: string, call: Call = {}) => shop.call(method, path, { token, ...call });
const add = async (productId: string) =>
  (await insist(() => send('PUT', `/api/wishlist/${productId}`))).status;
const remove = async (productId: string) => (await send('DELETE', `/api/wishlist/${productId}`)).status;
const wishlistIn = (answer: Answer): Wishlist => Value.Parse(WishlistSchema, answer.body);
const list = async (query = '') => wishlistIn(await send('GET', `/api/wishlist${query}`));
const ids = async (query = '') => (await list(query)).data.map(({ productId }) => productId);
const product = async () => (await catalogue.sell(5)).productId;
const fill = (count: number) =>
  shop.database.wishlistItem.createMany({
    data: Array.from({ length: count }, () => ({ memberId, productId: randomUUID() })),
  });

describe('a wishlist', () => {
  it('is empty at first', async () => {
    const answer = await send('GET', '/api/wishlist');
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
    expect(answer.body).toEqual({
      data: [],
      meta: { page: 1, limit: 20, total: 0, totalPages: 0 },
      degraded: false,
    });
  });

  it('shows products as they are now, the latest wish first', async () => {
    const [first, second] = [await catalogue.sell(5, 30_000), await catalogue.sell(5, 8_000)];
    expect([await add(first.productId), await add(second.productId)]).toEqual([204, 204]);
    expect(await list()).toMatchObject({
      data: [
        { productId: second.productId, product: { id: second.productId, price: 8_000, status: 'ACTIVE' } },
        { productId: first.productId, product: { id: first.productId, price: 30_000 } },
      ],
      meta: { total: 2 },
      degraded: false,
    });
  });

  it('takes a wish once, and its removal as done, however often they come', async () => {
    const productId = await product();
    const answers = await Promise.all(Array.from({ length: 50 }, () => add(productId)));
    expect(new Set(answers)).toEqual(new Set([204]));
    expect(await ids()).toEqual([productId]);
    expect([await remove(productId), await remove(productId)]).toEqual([204, 204]);
    expect(await ids()).toEqual([]);
  });

  it('keeps the place of a wish that is made again', async () => {
    const [first, second] = [await product(), await product()];
    for (const productId of [first, second, first]) await add(productId);
    expect(await ids()).toEqual([second, first]);
  });

  it('keeps what is not sold any more, without a product', async () => {
    const productId = await product();
    await add(productId);
    await catalogue.hide(productId);
    expect(await list()).toMatchObject({ data: [{ productId, product: null }], degraded: false });
    expect(await add(productId)).toBe(204);
    expect(await remove(productId)).toBe(204);
    expect(await add(productId)).toBe(404);
  });

  it('holds 500 at most, also when two come at the same time', async () => {
    await fill(499);
    const answers = await Promise.all([add(await product()), add(await product())]);
    expect(answers.sort()).toEqual([204, 409]);
    expect((await list()).meta).toEqual({ page: 1, limit: 20, total: 500, totalPages: 25 });
  });

  it('has pages that do not overlap, although many wishes are of one moment', async () => {
    await fill(205);
    const pages = await Promise.all([1, 2, 3, 4].map((page) => ids(`?limit=100&page=${page}`)));
    expect(pages.map(({ length }) => length)).toEqual([100, 100, 5, 0]);
    expect(new Set(pages.flat()).size).toBe(205);
  });

  it.each(['?page=0', '?limit=101', '?limit=x', '?page=1e9', '?surprise=1', "?page='"])(
    'answers 422 to %s',
    async (query) => {
      expect((await send('GET', `/api/wishlist${query}`)).status).toBe(422);
    },
  );

  it.each(['1', "'", '..%2fcart', randomUUID().toUpperCase()])('has no product %s', async (id) => {
    expect([await add(id), await remove(id)]).toEqual([422, 422]);
  });

  it('is nobody else\u2019s', async () => {
    const productId = await product();
    await add(productId);
    token = await shop.authority.token('MEMBER', await shop.member());
    expect(await ids()).toEqual([]);
    expect(await remove(productId)).toBe(204);
    token = await shop.authority.token('MEMBER', memberId);
    expect(await ids()).toEqual([productId]);
  });

  it('is not there for a member who is suspended, or never was', async () => {
    const [kept, productId] = [await product(), await product()];
    await add(kept);
    await shop.database.member.update({ where: { id: memberId }, data: { status: 'SUSPENDED' } });
    expect([await ids(), await add(productId)]).toEqual([[], 404]);
    token = await shop.authority.token('MEMBER', randomUUID());
    expect([await ids(), await add(productId)]).toEqual([[], 404]);
  });
});

describe.each(FAILURES)('while product-server %s', (failure) => {
  it('wishes are taken, and shown without products', async () => {
    const failing = await startFailingCatalogue(failure);
    const poor = await openShop({ PRODUCT_SERVICE_URL: failing.url, CATALOGUE_TIMEOUT: '150' });
    const own = { token: await poor.authority.token('MEMBER', await poor.member()) };
    const productId = randomUUID();
    expect((await poor.call('PUT', `/api/wishlist/${productId}`, own)).status).toBe(204);
    expect((await poor.call('GET', '/api/wishlist', own)).body).toMatchObject({
      data: [{ productId, product: null }],
      meta: { total: 1 },
      degraded: true,
    });
    await poor.close();
    await failing.close();
  });
});
