import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@doa-market/common/config';
import { type OwnReview, type ReviewList, ReviewListSchema } from '@doa-market/common/contracts';
import type { App } from '@doa-market/common/server';
import { type Authority, startAuthority, until } from '@doa-market/common/testing';
import { redisUrl, type TemporaryDatabase, temporaryDatabase } from '@doa-market/scripts/testing';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { products } from '../prisma/seed/catalogue.ts';
import { seedReviews } from '../prisma/seed/reviews.ts';
import { buildApp } from '../src/app.ts';
import { ConfigSchema } from '../src/config.ts';
import { createFixtures } from './fixtures.ts';

const REVIEW = { rating: 5, title: '좋아요', body: '매일 써요.\n또 살래요.', author: '도아' };

let store: TemporaryDatabase;
let fixtures: ReturnType<typeof createFixtures>;
let authority: Authority;
let others: Server;
let app: App;
/** What queue-server says: who has bought, or that it is broken or silent. */
let buyers: Set<string> | 'broken' | 'silent';
let asked: { path: string; authorization: string | undefined }[];

/** auth-server's service tokens and queue-server's purchases, at one address. */
function startOthers(keySet: string): Server {
  return createServer((request, response) => {
    const { url = '' } = request;
    if (url === '/.well-known/jwks.json') return void response.end(keySet);
    if (url === '/internal/service-tokens')
      return void response.end(JSON.stringify({ accessToken: 'of-product-server', expiresIn: 900 }));
    if (url === '/health') return void response.end('{}');
    asked.push({ path: url, authorization: request.headers.authorization });
    if (buyers === 'silent') return;
    if (buyers === 'broken') return void response.writeHead(500).end();
    const member = new URL(url, 'http://queue').searchParams.get('memberId') ?? '';
    const purchased = buyers.has(member);
    response.end(JSON.stringify({ purchased, orderedAt: purchased ? new Date().toISOString() : null }));
  });
}

beforeAll(async () => {
  store = await temporaryDatabase(fileURLToPath(new URL('../prisma/migrations', import.meta.url)));
  fixtures = createFixtures(store.url);
  await fixtures.category('living', 0);
  authority = await startAuthority();
  others = startOthers(await (await fetch(authority.url)).text());
  await new Promise<void>((resolve) => others.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(others.address() as AddressInfo).port}`;
  app = await buildApp(
    loadConfig(ConfigSchema, {
      LOG_LEVEL: 'silent',
      REQUEST_TIMEOUT: '2000',
      DATABASE_URL: store.url,
      REDIS_URL: redisUrl(),
      AUTH_SERVICE_URL: url,
      QUEUE_SERVICE_URL: url,
    }),
  );
});
afterAll(async () => {
  await app.close();
  others.closeAllConnections();
  others.close();
  await authority.close();
  await fixtures.close();
  await store.drop();
});
beforeEach(() => {
  buyers = new Set();
  asked = [];
});

const slug = () => `mug-${randomUUID().slice(0, 8)}`;
async function product(): Promise<string> {
  return (await fixtures.product({ slug: slug() })).slug;
}

interface Ask {
  member?: string;
  role?: string;
  body?: object;
  headers?: Record<string, string>;
}
async function ask(method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE', url: string, options: Ask = {}) {
  const { member, role = 'MEMBER', body, headers } = options;
  const authorization = member && `Bearer ${await authority.token(role, member)}`;
  return app.inject({
    method,
    url: `/api/v1${url}`,
    headers: { ...headers, ...(authorization && { authorization }) },
    ...(body && { payload: body }),
  });
}

function buyer(): string {
  const member = randomUUID();
  if (buyers instanceof Set) buyers.add(member);
  return member;
}
const write = (of: string, member: string, body: object = REVIEW) =>
  ask('POST', `/products/${of}/reviews`, { member, body });
/** A review that is written sooner or later: who is told to come again, as on a crowded machine, does. */
async function written(of: string, rating = 5, member = buyer()): Promise<OwnReview> {
  const response = await until(async () => {
    const answer = await write(of, member, { ...REVIEW, rating });
    return answer.statusCode !== 503 && answer;
  }, 'an answer to a review');
  expect(response.statusCode).toBe(201);
  return response.json();
}
const list = async (of: string, query = ''): Promise<ReviewList> =>
  (await ask('GET', `/products/${of}/reviews${query}`)).json();
const folded = (of: string, count: number) =>
  until(async () => (await list(of)).summary.count === count, `a count of ${count}`);
const facts = (of: string) => fixtures.database.product.findFirstOrThrow({ where: { slug: of } });

describe('a review', () => {
  it('is written by a buyer, and shows with the product', async () => {
    const of = await product();
    const member = buyer();
    const response = await write(of, member);
    expect(response.statusCode).toBe(201);
    const { id, productId } = response.json<OwnReview>();
    expect(response.headers['location']).toBe(`/api/v1/reviews/${id}`);
    const found = await list(of);
    expect(Value.Check(ReviewListSchema, found)).toBe(true);
    expect(found).toMatchObject({ data: [{ id, ...REVIEW }], meta: { nextCursor: null } });
    expect(JSON.stringify(found)).not.toContain(member);
    expect(asked).toEqual([
      {
        path: `/internal/v1/purchases?memberId=${member}&productId=${productId}`,
        authorization: 'Bearer of-product-server',
      },
    ]);
  });

  it('is not for who has not bought the product', async () => {
    const of = await product();
    const response = await write(of, randomUUID());
    expect(response.statusCode).toBe(403);
    expect(response.json()).toMatchObject({ code: 'REQ_4030' });
    expect((await list(of)).data).toEqual([]);
  });

  it.each(['broken', 'silent'] as const)('is never let through while queue-server is %s', async (state) => {
    const of = await product();
    buyers = state;
    const response = await write(of, randomUUID());
    expect(response.statusCode).toBe(503);
    expect(response.headers['retry-after']).toBe('5');
    expect(await list(of)).toMatchObject({ data: [] });
  });

  it('is one of each member and product, also of those who write at once', async () => {
    const of = await product();
    const member = buyer();
    const answers = await Promise.all(Array.from({ length: 8 }, () => write(of, member)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, ...Array(7).fill(409)]);
    expect((await list(of)).data).toHaveLength(1);
  });

  it('is written once however often one idempotency key comes', async () => {
    const of = await product();
    const member = buyer();
    const headers = { 'x-idempotency-key': randomUUID() };
    const send = () => ask('POST', `/products/${of}/reviews`, { member, body: REVIEW, headers });
    const [first, second] = [await send(), await send()];
    expect([first.statusCode, second.statusCode]).toEqual([201, 201]);
    expect(second.json()).toEqual(first.json());
  });

  it.each([
    ['no rating', { ...REVIEW, rating: undefined }],
    ['six stars', { ...REVIEW, rating: 6 }],
    ['half a star', { ...REVIEW, rating: 4.5 }],
    ['nothing to see', { ...REVIEW, title: '  ' }],
    ['a title over two lines', { ...REVIEW, title: 'a\nb' }],
    ['too much to read', { ...REVIEW, body: 'x'.repeat(2_001) }],
    ['a control character', { ...REVIEW, body: 'a\u0000b' }],
    ['a field that is not its own', { ...REVIEW, status: 'PUBLISHED' }],
  ])('with %s is refused', async (_name, body) => {
    const response = await write(await product(), buyer(), body);
    expect(response.statusCode).toBe(422);
    expect(asked).toEqual([]);
  });

  it('needs a member, and a product that is listed', async () => {
    const of = await product();
    expect((await ask('POST', `/products/${of}/reviews`, { body: REVIEW })).statusCode).toBe(401);
    const guest = { member: randomUUID(), role: 'GUEST', body: REVIEW };
    expect((await ask('POST', `/products/${of}/reviews`, guest)).statusCode).toBe(403);
    expect((await write('nothing-of-ours', buyer())).statusCode).toBe(404);
    const hidden = (await fixtures.product({ slug: slug(), status: 'HIDDEN' })).slug;
    expect((await write(hidden, buyer())).statusCode).toBe(404);
    expect((await ask('GET', `/products/${hidden}/reviews`)).statusCode).toBe(404);
  });

  it('is changed and deleted by its writer alone', async () => {
    const of = await product();
    const member = buyer();
    const { id } = await written(of, 5, member);
    const stranger = { member: randomUUID(), body: { title: '내 것' } };
    expect((await ask('PATCH', `/reviews/${id}`, stranger)).statusCode).toBe(404);
    expect((await ask('DELETE', `/reviews/${id}`, { member: randomUUID() })).statusCode).toBe(404);
    expect((await ask('PATCH', `/reviews/${id}`, { member, body: {} })).statusCode).toBe(422);
    const changed = await ask('PATCH', `/reviews/${id}`, { member, body: { rating: 2 } });
    expect(changed.json()).toMatchObject({ ...REVIEW, rating: 2 });
    expect((await ask('GET', `/products/${of}/reviews/own`, { member })).json()).toMatchObject({ rating: 2 });
    expect((await ask('DELETE', `/reviews/${id}`, { member })).statusCode).toBe(204);
    expect((await ask('GET', `/products/${of}/reviews/own`, { member })).statusCode).toBe(404);
    await written(of, 3, member);
  });

  it('is hidden by an administrator, and cannot be washed clean by deleting it', async () => {
    const of = await product();
    const member = buyer();
    const { id } = await written(of, 1, member);
    const body = { status: 'HIDDEN' };
    expect((await ask('PUT', `/reviews/${id}/status`, { member, body })).statusCode).toBe(403);
    const admin = { member: randomUUID(), role: 'ADMIN', body };
    expect((await ask('PUT', `/reviews/${id}/status`, admin)).json()).toMatchObject({ status: 'HIDDEN' });
    expect((await list(of)).data).toEqual([]);
    await folded(of, 0);
    expect((await ask('DELETE', `/reviews/${id}`, { member })).statusCode).toBe(204);
    expect((await write(of, member)).statusCode).toBe(409);
    expect(await fixtures.database.review.findUnique({ where: { id } })).toMatchObject({ body: '' });
  });
});

describe('the reviews of a product', () => {
  it('come newest first or best first, in pages that neither overlap nor leave out', async () => {
    const of = await product();
    const ids = new Map<string, number>();
    for (const rating of [3, 5, 1, 5, 3]) ids.set((await written(of, rating)).id, rating);
    const newest = [...ids.keys()].reverse();
    const best = newest.toSorted((a, b) => (ids.get(b) ?? 0) - (ids.get(a) ?? 0));
    for (const [sort, expected] of [['newest', newest] as const, ['rating', best] as const]) {
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: ReviewList = await list(of, `?sort=${sort}&limit=2${cursor && `&cursor=${cursor}`}`);
        seen.push(...page.data.map(({ id }) => id));
        cursor = page.meta.nextCursor;
      }
      expect(seen).toEqual(expected);
    }
    for (const query of ['?cursor=1', '?sort=worst', '?limit=0', '?page=2'])
      expect((await ask('GET', `/products/${of}/reviews${query}`)).statusCode).toBe(422);
  });

  it('are known to shared caches, and the latest of all are there with their products', async () => {
    const of = await product();
    const { id } = await written(of);
    const response = await ask('GET', `/products/${of}/reviews`);
    expect(response.headers['cache-control']).toMatch(/^public, s-maxage/);
    const latest = await ask('GET', '/reviews?limit=3');
    expect(latest.json()).toMatchObject({ data: [{ id, product: { slug: of } }, {}, {}] });
  });
});

describe('the rating of a product', () => {
  it('is exact after two hundred reviews at once, some changed, some deleted, while it is read', async () => {
    const of = await product();
    const members = Array.from({ length: 200 }, buyer);
    const before = await facts(of);
    let slowest = 0;
    const reading = new AbortController();
    const reader = (async () => {
      while (!reading.signal.aborted) {
        const startedAt = performance.now();
        await facts(of);
        slowest = Math.max(slowest, performance.now() - startedAt);
      }
    })();
    onTestFinished(() => reading.abort());
    const reviews = await Promise.all(members.map((member, index) => written(of, (index % 5) + 1, member)));
    await Promise.all(
      reviews
        .slice(0, 20)
        .map(({ id }, index) =>
          index < 10
            ? ask('DELETE', `/reviews/${id}`, { member: members[index] ?? '' })
            : ask('PATCH', `/reviews/${id}`, { member: members[index] ?? '', body: { rating: 5 } }),
        ),
    );
    await folded(of, 190);
    reading.abort();
    await reader;

    const rows = await fixtures.database.review.findMany({ where: { product: { slug: of } } });
    const stars = [1, 2, 3, 4, 5].map((rating) => rows.filter((it) => it.rating === rating).length);
    const average = Math.round((rows.reduce((sum, it) => sum + it.rating, 0) * 10) / rows.length) / 10;
    // The count may be right before the last change of a rating is folded in.
    await vi.waitFor(
      async () => expect((await list(of)).summary).toEqual({ average, count: 190, stars }),
      10_000,
    );
    const after = await facts(of);
    expect(after).toMatchObject({ reviewCount: 190, version: before.version });
    expect(after.rating?.toNumber()).toBe(average);
    expect(slowest).toBeLessThan(2_000);
  });

  it('is told once for many reviews, and also when only the words of one are new', async () => {
    const of = await product();
    const { id } = await facts(of);
    const events = () =>
      fixtures.database.outboxEvent.findMany({ where: { aggregateId: id }, orderBy: { id: 'asc' } });
    const members = Array.from({ length: 20 }, buyer);
    const [review] = await Promise.all(members.map((member) => written(of, 4, member)));
    await folded(of, 20);
    const told = await events();
    expect(told.length).toBeLessThan(20);
    expect(told[0]).toMatchObject({
      eventType: 'product.changed',
      payload: { slug: of, categorySlugs: ['living'], aspects: ['rating'] },
    });
    const body = { title: '다른 말' };
    await ask('PATCH', `/reviews/${review?.id}`, { member: members[0] ?? '', body });
    await until(async () => (await events()).length > told.length, 'another event');
    expect((await list(of)).summary).toMatchObject({ average: 4, count: 20 });
  });
});

describe('the seed', () => {
  it('gives each of its products reviews that come to its rating, and none twice', async () => {
    const seeded = products.slice(0, 3).map((product) => ({ ...product, slug: slug() }));
    for (const product of seeded) await fixtures.product({ slug: product.slug });
    const count = await seedReviews(fixtures.database, seeded);
    expect(await seedReviews(fixtures.database, seeded)).toBe(count);
    for (const { slug: of, rating, age } of seeded) {
      const { data, summary } = await list(of, '?limit=100');
      expect(data.length).toBe(summary.count);
      expect(data.length).toBeGreaterThan(3);
      expect(Math.abs((summary.average ?? 0) - rating)).toBeLessThan(0.15);
      const times = data.map(({ createdAt }) => Date.parse(createdAt));
      expect(times).toEqual(times.toSorted((a, b) => b - a));
      expect(Math.min(...times)).toBeGreaterThan(Date.now() - age * 86_400_000);
    }
  });
});
