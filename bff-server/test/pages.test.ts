import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadConfig } from '@doa-market/common/config';
import { HomeSchema, type Readiness } from '@doa-market/common/contracts';
import type { App } from '@doa-market/common/server';
import { type Authority, endSession, startAuthority } from '@doa-market/common/testing';
import { redisUrl } from '@doa-market/scripts/testing';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildApp } from '../src/app.ts';
import { ConfigSchema } from '../src/config.ts';
import { banner, category, detail, listOf, member, summary } from './samples.ts';

type Answer = unknown | 'hang' | 'reset' | number;

let authority: Authority;
let server: Server;
let app: App;
let answers: Record<string, Answer>;
let asked: { path: string; authorization: string | undefined }[];

/** One upstream for both servers: their paths differ. It says what a test tells it to. */
function startUpstream(): Server {
  return createServer((request, response) => {
    const { url = '' } = request;
    asked.push({ path: url, authorization: request.headers.authorization });
    const key = Object.keys(answers).find((it) => url.startsWith(it));
    const answer = key === undefined ? 404 : answers[key];
    if (answer === 'hang') return;
    if (answer === 'reset') request.socket.destroy();
    else if (typeof answer === 'number') response.writeHead(answer).end('{}');
    else response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  });
}

beforeAll(async () => {
  authority = await startAuthority();
  server = startUpstream();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  app = await buildApp(
    loadConfig(ConfigSchema, {
      LOG_LEVEL: 'silent',
      REQUEST_TIMEOUT: '300',
      AUTH_SERVICE_URL: authority.url,
      REDIS_URL: redisUrl(),
      PRODUCT_SERVICE_URL: url,
      MEMBER_SERVICE_URL: url,
    }),
  );
});
afterAll(async () => {
  server.closeAllConnections();
  await app.close();
  server.close();
  await authority.close();
});
beforeEach(() => {
  asked = [];
  answers = {
    '/health': { status: 'ok' },
    '/api/v1/banners': { data: [banner] },
    '/api/v1/categories': { data: [category] },
    '/api/v1/products/mug': detail,
    '/api/v1/products?': listOf([summary]),
    '/api/members/me': member,
  };
});

describe('the home page', () => {
  it('is whole, matches the contract and may be kept by shared caches', async () => {
    const response = await app.inject('/api/home');
    expect(Value.Check(HomeSchema, response.json())).toBe(true);
    expect(response.json()).toMatchObject({ banners: { status: 'ok' }, deals: { status: 'ok' } });
    expect(response.headers['cache-control']).toMatch(/^public, s-maxage=300/);
  });

  it('asks its five questions at once', async () => {
    await app.inject('/api/home');
    expect(asked).toHaveLength(5);
  });

  it.each([
    ['is slow', 'hang'],
    ['answers 500', 500],
    ['resets the connection', 'reset'],
    ['answers garbage', '<html>'],
    ['answers wrong types', { data: [{ id: 1 }] }],
    ['answers too much', 'x'.repeat(6_000_000)],
  ])('loses one section when its upstream %s, and is then kept nowhere', async (_name, answer) => {
    answers['/api/v1/banners'] = answer;
    const startedAt = performance.now();
    const response = await app.inject('/api/home');
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({
      banners: { status: 'degraded', data: [] },
      categories: { status: 'ok' },
      best: { status: 'ok' },
    });
    expect(response.headers['cache-control']).toBe('private, no-store');
  });

  it('lets nothing out that the contract does not declare', async () => {
    answers['/api/v1/banners'] = { data: [{ ...banner, costPrice: 1 }] };
    const response = await app.inject('/api/home');
    expect(response.body).not.toContain('costPrice');
  });
});

describe('a category page', () => {
  it('has the category and its products', async () => {
    const response = await app.inject('/api/categories/living?limit=5');
    expect(response.json()).toMatchObject({ category: { slug: 'living' }, products: { status: 'ok' } });
    expect(asked.map(({ path }) => path)).toContain('/api/v1/products?category=living&page=1&limit=5');
  });

  it('does not exist for an unknown category', async () => {
    expect((await app.inject('/api/categories/unknown')).statusCode).toBe(404);
  });

  it('is not there without the category itself', async () => {
    answers['/api/v1/categories'] = 500;
    const response = await app.inject('/api/categories/living');
    expect(response.statusCode).toBe(502);
    expect(response.json()).toMatchObject({ code: 'SYS_5002' });
  });
});

describe('a product page', () => {
  it('has the product and others of its category', async () => {
    const response = await app.inject('/api/products/mug');
    expect(response.json()).toMatchObject({ product: { slug: 'mug' }, related: { status: 'ok' } });
    expect(asked.at(-1)?.path).toContain('exclude=mug');
  });

  it('fills up with what sells best when its category has few others, and repeats none', async () => {
    const another = { ...summary, id: '01980000-0000-7000-8000-000000000001', slug: 'lamp' };
    answers['/api/v1/products?sort=popular&exclude=mug&limit=4&category=living'] = listOf([summary]);
    answers['/api/v1/products?sort=popular&exclude=mug&limit=8'] = listOf([summary, another]);
    delete answers['/api/v1/products?'];
    const response = await app.inject('/api/products/mug');
    expect(response.json()).toMatchObject({ related: { data: [{ slug: 'mug' }, { slug: 'lamp' }] } });
  });

  it('is there without the others', async () => {
    answers['/api/v1/products?'] = 'hang';
    const response = await app.inject('/api/products/mug');
    expect(response.json()).toMatchObject({ product: { slug: 'mug' }, related: { status: 'degraded' } });
    expect(response.headers['cache-control']).toBe('private, no-store');
  });

  it('does not exist for an unknown product, and is late when its upstream is', async () => {
    expect((await app.inject('/api/products/unknown')).statusCode).toBe(404);
    answers['/api/v1/products/mug'] = 'hang';
    const response = await app.inject('/api/products/mug');
    expect(response.statusCode).toBe(504);
    expect(response.json()).toMatchObject({ code: 'SYS_5004' });
  });
});

describe('the signed-in member', () => {
  it("is asked for with the caller's own token", async () => {
    const token = await authority.token('MEMBER', member.id);
    const response = await app.inject({ url: '/api/me', headers: { authorization: `Bearer ${token}` } });
    expect(response.json()).toEqual(member);
    expect(asked).toEqual([{ path: '/api/members/me', authorization: `Bearer ${token}` }]);
    expect(response.headers['cache-control']).toBe('private, no-store');
  });

  it('is nobody without a token, and no guest', async () => {
    expect((await app.inject('/api/me')).statusCode).toBe(401);
    const authorization = `Bearer ${await authority.token('GUEST')}`;
    expect((await app.inject({ url: '/api/me', headers: { authorization } })).statusCode).toBe(403);
    expect(asked).toEqual([]);
  });
});

describe('readiness', () => {
  it('names the upstream that does not answer', async () => {
    answers['/health'] = 500;
    const response = await app.inject('/ready');
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({
      checks: { 'product-server': { status: 'down' }, 'member-server': { status: 'down' } },
    });
  });
});

describe('a session that was ended', () => {
  it('opens nothing any more, although its access token has not expired', async () => {
    const sid = randomUUID();
    await endSession(redisUrl(), sid);
    const token = await authority.token('MEMBER', randomUUID(), { claims: { sid } });
    const response = await app.inject({ url: '/api/home', headers: { authorization: `Bearer ${token}` } });
    expect(response.statusCode).toBe(401);
    expect(response.json()).toMatchObject({ code: 'AUTH_1005' });
  });

  it('is looked up without making Redis a condition of serving', async () => {
    const { checks } = (await app.inject('/ready')).json<Readiness>();
    expect(checks['redis']).toEqual({ status: 'up', required: false });
  });
});
