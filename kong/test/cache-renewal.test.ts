import { until } from '@doa-market/common/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Home, openHome, REFRESH } from './support/home.ts';

let home: Home;

beforeAll(async () => {
  home = await openHome();
});

beforeEach(() => home.reset());

afterAll(() => home.market.close());

describe('a purge', () => {
  it('takes effect with the next request', async () => {
    const first = await home.get();
    await home.market.redis.client.del(home.key);
    expect((await home.get()).text).not.toBe(first.text);
  });

  it('wins over a fetch that began before it', async () => {
    const { release } = home.answerLater('public, s-maxage=60', 'before the purge');
    const fetching = home.get();
    await until(() => home.fetches() === 1, 'the fetch');
    await home.market.redis.client.del(home.key);
    release();
    await fetching;
    home.answerWith('public, s-maxage=60');
    const after = await home.get();
    expect(after.headers['x-cache-status']).toBe('MISS');
    expect(after.text).not.toBe('before the purge');
  });

  it('wins over it even when another fetch has begun since', async () => {
    const before = home.answerLater('public, s-maxage=60', 'before the purge');
    const first = home.get();
    await until(() => home.fetches() === 1, 'the first fetch');
    await home.market.redis.client.del(home.key);
    const after = home.answerLater('public, s-maxage=60', 'after the purge');
    const second = home.get();
    await until(() => home.fetches() === 2, 'the second fetch');
    before.release();
    expect((await first).text).toBe('before the purge');
    after.release();
    expect((await second).text).toBe('after the purge');
    expect((await home.get()).text).toBe('after the purge');
  });

  it('wins over a renewal', async () => {
    await home.get();
    const { release } = home.answerLater('public, s-maxage=60', 'before the purge');
    const renewing = home.get(REFRESH);
    await until(() => home.fetches() === 2, 'the renewal');
    await home.market.redis.client.del(home.key);
    release();
    await renewing;
    home.answerWith('public, s-maxage=60');
    expect((await home.get()).headers['x-cache-status']).toBe('MISS');
  });
});

describe('renewal', () => {
  it('fetches again for whoever has the token', async () => {
    const first = await home.get();
    const renewed = await home.get(REFRESH);
    expect(renewed.headers['x-cache-status']).toBe('MISS');
    expect(renewed.text).not.toBe(first.text);
    expect((await home.get()).text).toBe(renewed.text);
    expect(JSON.stringify(home.market.services.bff.seen.at(-1)?.headers)).not.toContain('warm-up');
  });

  it('lets everybody have the answer of before until it is done', async () => {
    const first = await home.get();
    const { release } = home.answerLater('public, s-maxage=60', 'new');
    const renewing = home.get(REFRESH);
    await until(() => home.fetches() === 2, 'the renewal');
    expect(await home.get()).toMatchObject({ text: first.text });
    release();
    await renewing;
    expect((await home.get()).text).toBe('new');
  });

  it('wins over a fetch that began before it', async () => {
    const early = home.answerLater('public, s-maxage=60', 'before');
    const fetching = home.get();
    await until(() => home.fetches() === 1, 'the fetch');
    home.answerWith('public, s-maxage=60');
    const renewed = await home.get(REFRESH);
    early.release();
    await fetching;
    expect((await home.get()).text).toBe(renewed.text);
  });

  it('that fails takes nothing away, and says so', async () => {
    const first = await home.get();
    home.answerWith(undefined, (response) => response.writeHead(500));
    expect((await home.get(REFRESH)).headers['x-cache-status']).toBe('STALE');
    const after = await home.get();
    expect(after).toMatchObject({ text: first.text });
    expect(after.headers['x-cache-status']).toBe('HIT');
  });

  it('says so when the answer is none to keep', async () => {
    home.answerWith('private, no-store');
    expect((await home.get(REFRESH)).headers['x-cache-status']).toBe('BYPASS');
  });

  it.each([
    ['no token', { 'x-cache-refresh': 'true' }],
    ['an empty token', { 'x-cache-refresh': 'true', 'x-warmup-token': '' }],
    ['a wrong token', { 'x-cache-refresh': 'true', 'x-warmup-token': 'doa-warm-up-development-tokem' }],
    ['half a token', { 'x-cache-refresh': 'true', 'x-warmup-token': 'doa-warm-up' }],
    ['a token alone', { 'x-warmup-token': REFRESH['x-warmup-token'] }],
    ['another word', { ...REFRESH, 'x-cache-refresh': '1' }],
  ])('is nothing to one with %s', async (_, headers) => {
    await home.get();
    expect((await home.get(headers)).headers['x-cache-status']).toBe('HIT');
    await home.market.redis.client.del(home.key);
    await home.get(headers);
    for (const name of ['x-cache-refresh', 'x-warmup-token'])
      expect(home.market.services.bff.seen.at(-1)?.headers).not.toHaveProperty(name);
  });
});
