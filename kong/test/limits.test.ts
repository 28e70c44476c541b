import { until } from '@doa-market/common/testing';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { external, type Market, openMarket } from './support/market.ts';
import { bearer } from './support/tokens.ts';

let market: Market;

beforeAll(async () => {
  market = await openMarket();
});

afterAll(() => market.close());

describe('the limit of requests', () => {
  it('counts down per member, and answers 429 in the end', async () => {
    const headers = { ...(await market.as()), 'x-idempotency-key': 'limited' };
    const first = await market.get('/api/orders', { method: 'POST', headers });
    expect(first.headers).toMatchObject({
      'x-ratelimit-limit-minute': '20',
      'x-ratelimit-remaining-minute': '19',
      'ratelimit-limit': '20',
      'ratelimit-remaining': '19',
    });
    expect(Number(first.headers['ratelimit-reset'])).toBeGreaterThan(0);

    // A minute may end meanwhile: then the count begins anew, once.
    const refused = await until(async () => {
      const answer = await market.get('/api/orders', { method: 'POST', headers });
      return answer.status === 429 && answer;
    }, '429');
    expect(refused.json).toMatchObject({ code: 'REQ_4290' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.headers['ratelimit-remaining']).toBe('0');

    const another = await market.get('/api/orders', {
      method: 'POST',
      headers: { ...(await market.as()), 'x-idempotency-key': 'another' },
    });
    expect(another.status).toBe(200);
  });

  it('counts logins per address, as a trusted proxy tells it', async () => {
    const from = (address: string) =>
      market.get('/api/auth/login', { method: 'POST', headers: { 'x-forwarded-for': address } });
    await until(async () => (await from('203.0.113.7')).status === 429, '429');
    expect((await from('203.0.113.8')).status).toBe(200);
  });

  it('is not for the market\u2019s own servers', async () => {
    const path = '/api/products/canvas-tote';
    const own = { ...(await market.as('GUEST')), 'x-warmup-token': 'doa-warm-up-development-token' };
    for (let count = 0; count < 20; count += 1) {
      const answer = await market.get(path, { headers: own });
      expect(Number(answer.headers['ratelimit-remaining'])).toBeGreaterThan(290);
      expect(JSON.stringify(answer.json['headers'])).not.toMatch(/warm-up|rate-limit-key/i);
    }
    const forged = {
      ...(await market.as('GUEST')),
      'x-warmup-token': 'wrong',
      'x-rate-limit-key': 'first-party:1',
    };
    await market.get(path, { headers: forged });
    const second = await market.get(path, { headers: { ...forged, 'x-rate-limit-key': 'first-party:2' } });
    expect(Number(second.headers['ratelimit-remaining'])).toBeLessThan(299);
  });

  it('is shared with other gateways', async () => {
    const path = '/api/products/canvas-tote';
    const headers = { ...(await market.as('GUEST')), 'x-forwarded-for': '203.0.113.99' };
    await market.get(path, { headers });
    const key = await until(async () => {
      const keys = await market.redis.client.keys('ratelimit:*:203.0.113.99:*');
      return keys.at(-1);
    }, 'the count in Redis');
    await market.redis.client.incrby(key, 299);
    const refused = await until(async () => {
      const answer = await market.get(path, { headers });
      return answer.status === 429 && answer;
    }, '429');
    expect(refused.json).toMatchObject({ code: 'REQ_4290' });
  });

  it('counts what has no limit of its own together', async () => {
    const token = await market.token();
    for (const path of ['/api/me', '/api/members/me', '/api/orders'])
      await market.get(path, { headers: bearer(token) });
    const { sub } = decodeJwt(token);
    await until(async () => {
      const keys = await market.redis.client.keys(`ratelimit:*:${sub}:*`);
      const counts = await Promise.all(keys.map((key) => market.redis.client.get(key)));
      const scopes = new Set(keys.map((key) => key.split(`:${sub}`)[0]));
      return scopes.size === 1 && counts.reduce((sum, count) => sum + Number(count), 0) === 3;
    }, 'one count of three requests');
  });

  it.skipIf(external)('is each gateway\u2019s own while Redis is down', async () => {
    await market.redis.stop();
    const headers = await market.as();
    const first = await market.get('/api/me', { headers });
    expect(first.status).toBe(200);
    await until(async () => {
      const { headers: next } = await market.get('/api/me', { headers });
      return Number(next['ratelimit-remaining']) < 198;
    }, 'a count in one worker');
    await market.redis.start();
    await until(
      async () => (await market.redis.client.keys('ratelimit:*')).length > 0,
      'the counts in Redis',
    );
  });
});
