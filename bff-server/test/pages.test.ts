import { randomUUID } from 'node:crypto';
import {
  CategoryPageSchema,
  HomeSchema,
  ProductPageSchema,
  type Readiness,
} from '@doa-market/common/contracts';
import { endSession } from '@doa-market/common/testing';
import { redisUrl } from '@doa-market/scripts/testing';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  banner,
  category,
  detail,
  highlight,
  member,
  searchResult,
  suggestions,
  summary,
} from './support/samples.ts';
import { type Storefront, startStorefront } from './support/storefront.ts';

/** Milliseconds: what is well is not to be late on a machine that has other things to do. */
const BUDGET = 2_000;

let storefront: Storefront;
let answers: Storefront['state']['answers'];

beforeAll(async () => {
  storefront = await startStorefront({ budget: BUDGET });
});
afterAll(() => storefront.close());
beforeEach(() => {
  storefront.reset();
  answers = storefront.state.answers;
});

const open = (url: string, headers: Record<string, string> = {}) => storefront.app.inject({ url, headers });
const paths = () => storefront.state.asked.map(({ path }) => path).sort();

describe('the home page', () => {
  it('is whole, matches the contract and may be kept by shared caches', async () => {
    const response = await open('/api/home');
    expect(Value.Check(HomeSchema, response.json())).toBe(true);
    expect(response.json()).toEqual({
      banners: { status: 'ok', data: [banner] },
      categories: { status: 'ok', data: [category] },
      best: { status: 'ok', data: [summary] },
      newest: { status: 'ok', data: [summary] },
      deals: { status: 'ok', data: [summary] },
      reviews: { status: 'ok', data: [highlight] },
      events: { status: 'ok', data: [expect.objectContaining({ slug: 'autumn-concert' })] },
    });
    expect(response.headers['cache-control']).toMatch(/^public, s-maxage=300/);
  });

  it('asks each question once, for all its shelves at once, and tells how long it waits', async () => {
    await open('/api/home');
    expect(paths()).toEqual([
      '/api/v1/banners',
      '/api/v1/categories',
      '/api/v1/events?limit=4',
      '/api/v1/reviews?limit=6',
      '/api/v1/shelves?limit=8',
    ]);
    for (const { deadline } of storefront.state.asked) {
      expect(deadline).toBeGreaterThan(0);
      expect(deadline).toBeLessThanOrEqual(BUDGET / 2);
    }
  });

  it('lets nothing out that the contract does not declare', async () => {
    answers['/api/v1/banners'] = { data: [{ ...banner, costPrice: 1 }], costPrice: 1 };
    answers['/api/v1/shelves'] = { best: [{ ...summary, costPrice: 1 }], newest: [], deals: [] };
    expect((await open('/api/home')).body).not.toContain('costPrice');
  });
});

describe('a category page', () => {
  it('has the category and its products', async () => {
    const response = await open('/api/categories/living?limit=5');
    expect(Value.Check(CategoryPageSchema, response.json())).toBe(true);
    expect(response.json()).toMatchObject({ category: { slug: 'living' }, products: { status: 'ok' } });
    expect(paths()).toContain('/api/v1/products?category=living&page=1&limit=5');
  });

  it('is there for a category inside another', async () => {
    const child = { ...category, slug: 'lamps' };
    answers['/api/v1/categories'] = { data: [{ ...category, children: [child] }] };
    expect((await open('/api/categories/lamps')).json()).toMatchObject({ category: { slug: 'lamps' } });
  });

  it('does not exist for an unknown category', async () => {
    expect((await open('/api/categories/unknown')).statusCode).toBe(404);
  });

  it('is not there without the category itself', async () => {
    answers['/api/v1/categories'] = 500;
    const response = await open('/api/categories/living');
    expect(response.statusCode).toBe(502);
    expect(response.json()).toMatchObject({ code: 'SYS_5002' });
  });
});

describe('a product page', () => {
  it('has the product, its newest reviews and others of its category, all asked for at once', async () => {
    const response = await open('/api/products/mug');
    expect(Value.Check(ProductPageSchema, response.json())).toBe(true);
    expect(response.json()).toMatchObject({
      product: { slug: 'mug' },
      related: { status: 'ok', data: [{ slug: 'mug' }] },
      reviews: { status: 'ok', data: { summary: { average: 5, count: 1 } } },
    });
    expect(paths()).toEqual([
      '/api/v1/products/mug',
      '/api/v1/products/mug/related?limit=4',
      '/api/v1/products/mug/reviews?sort=newest&limit=5',
    ]);
    expect(response.headers['cache-control']).toMatch(/^public, s-maxage=300/);
  });

  it('is there without the others and without reviews', async () => {
    answers['/api/v1/products/mug/related'] = () => undefined;
    answers['/api/v1/products/mug/reviews'] = 503;
    const response = await open('/api/products/mug');
    expect(response.json()).toMatchObject({
      product: { slug: 'mug' },
      related: { status: 'degraded', data: [] },
      reviews: { status: 'degraded', data: { data: [], summary: { count: 0 } } },
    });
    expect(response.headers['cache-control']).toBe('private, no-store');
  });

  it('sends whoever has its old address on to the new one', async () => {
    answers['/api/v1/products/cup'] = (_request, response) =>
      response.writeHead(308, { location: '/api/v1/products/mug' }).end();
    const response = await open('/api/products/cup');
    expect(response.statusCode).toBe(308);
    expect(response.headers).toMatchObject({
      location: '/api/products/mug',
      'cache-control': 'public, max-age=0, s-maxage=60',
    });
  });

  it.each(['https://elsewhere.example/', '/api/v1/products/', '/api/v1/products/A B'])(
    'sends nobody to %s',
    async (location) => {
      answers['/api/v1/products/cup'] = (_request, response) => response.writeHead(308, { location }).end();
      expect((await open('/api/products/cup')).statusCode).toBe(502);
    },
  );

  it('does not exist for an unknown product, and is late when its upstream is', async () => {
    expect((await open('/api/products/unknown')).statusCode).toBe(404);
    answers['/api/v1/products/mug'] = (request, response) =>
      request.url === '/api/v1/products/mug' ? undefined : response.end(JSON.stringify(detail));
    const response = await open('/api/products/mug');
    expect(response.statusCode).toBe(504);
    expect(response.json()).toMatchObject({ code: 'SYS_5004' });
  });

  it('has more reviews than fit on it', async () => {
    const response = await open('/api/products/mug/reviews?sort=rating&limit=1');
    expect(response.json()).toMatchObject({ data: [{ rating: 5 }], summary: { count: 1 } });
    expect(paths()).toEqual(['/api/v1/products/mug/reviews?sort=rating&limit=1']);
    expect(response.headers['cache-control']).toMatch(/^public, s-maxage=10/);
    expect((await open('/api/products/unknown/reviews')).statusCode).toBe(404);
    expect((await open('/api/products/mug/reviews?sort=worst')).statusCode).toBe(422);
  });
});

describe('a search', () => {
  it('passes all that was asked for on, and gives what was found for a short while', async () => {
    const query = new URLSearchParams([
      ['q', '무선 이어폰'],
      ['option', '색상:차콜'],
      ['option', '크기:대'],
      ['minPrice', '1000'],
      ['inStock', 'true'],
    ]);
    const response = await open(`/api/search?${query}`);
    expect(response.json()).toEqual(searchResult);
    expect(response.headers['cache-control']).toMatch(/^public, s-maxage=10/);
    const [asked] = paths();
    const passed = new URL(asked ?? '', 'http://product').searchParams;
    expect(Object.fromEntries(passed)).toMatchObject({ q: '무선 이어폰', minPrice: '1000', inStock: 'true' });
    expect(passed.getAll('option')).toEqual(['색상:차콜', '크기:대']);
  });

  it('suggests while somebody types', async () => {
    const response = await open(`/api/search/suggest?q=${encodeURIComponent('머')}`);
    expect(response.json()).toEqual(suggestions);
    expect(response.headers['cache-control']).toMatch(/^public, max-age=60, s-maxage=60/);
  });

  it.each(['', '?q=', `?q=${'x'.repeat(101)}`, '?q=a&sort=best', '?q=a&unknown=1'])(
    'refuses %j without asking anybody',
    async (query) => {
      expect((await open(`/api/search${query}`)).statusCode).toBe(422);
      expect(paths()).toEqual([]);
    },
  );

  it('is no answer to be kept when it fails', async () => {
    answers['/api/v1/search'] = 500;
    const response = await open('/api/search?q=a');
    expect(response.statusCode).toBe(502);
    expect(response.headers['cache-control']).toBe('private, no-store');
  });
});

describe('the signed-in member', () => {
  it("is asked for with the caller's own token", async () => {
    const token = await storefront.authority.token('MEMBER', member.id);
    const response = await open('/api/me', { authorization: `Bearer ${token}` });
    expect(response.json()).toEqual(member);
    expect(storefront.state.asked).toMatchObject([
      { path: '/api/members/me', authorization: `Bearer ${token}` },
    ]);
    expect(response.headers['cache-control']).toBe('private, no-store');
  });

  it('is nobody without a token, and no guest', async () => {
    expect((await open('/api/me')).statusCode).toBe(401);
    const authorization = `Bearer ${await storefront.authority.token('GUEST')}`;
    expect((await open('/api/me', { authorization })).statusCode).toBe(403);
    expect(paths()).toEqual([]);
  });
});

describe('readiness', () => {
  it('names the upstreams that do not answer: without the catalogue there is nothing to serve', async () => {
    answers['/health'] = 500;
    const response = await open('/ready');
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({
      checks: {
        'product-server': { status: 'down', required: true },
        'member-server': { status: 'down', required: false },
      },
    });
  });
});

describe('a session that was ended', () => {
  it('opens nothing any more, although its access token has not expired', async () => {
    const sid = randomUUID();
    await endSession(redisUrl(), sid);
    const token = await storefront.authority.token('MEMBER', randomUUID(), { claims: { sid } });
    await vi.waitFor(async () => {
      const response = await open('/api/home', { authorization: `Bearer ${token}` });
      expect(response.statusCode).toBe(401);
      expect(response.json()).toMatchObject({ code: 'AUTH_1005' });
    });
  });

  it('is looked up without making Redis a condition of serving', async () => {
    const { checks } = (await open('/ready')).json<Readiness>();
    expect(checks['redis']).toEqual({ status: 'up', required: false });
  });
});
