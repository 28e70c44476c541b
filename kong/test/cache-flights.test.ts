import { until } from '@doa-market/common/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Home, openHome } from './support/home.ts';
import { external } from './support/market.ts';
import { childrenOf } from './support/processes.ts';

let home: Home;

beforeAll(async () => {
  home = await openHome();
});

beforeEach(() => home.reset());

afterAll(() => home.market.close());

/** That many at once; and how many of them the BFF saw at the same time at most. */
async function crowd(size: number, statusOf: (fetch: number) => number, took = 100) {
  let open = 0;
  let most = 0;
  home.replyWith((response) => {
    open += 1;
    most = Math.max(most, open);
    const status = statusOf(home.fetches());
    setTimeout(() => {
      open -= 1;
      response.writeHead(status, { 'cache-control': 'public, s-maxage=60' }).end(`status ${status}`);
    }, took);
  });
  const answers = await Promise.all(Array.from({ length: size }, () => home.get()));
  return { answers, most };
}

describe('two hundred at once', () => {
  it('cost one fetch', async () => {
    const { answers } = await crowd(200, () => 200);
    expect(answers.every(({ status, text }) => status === 200 && text === 'status 200')).toBe(true);
    expect(home.fetches()).toBe(1);
  });

  it('cost a second one when the first fails', async () => {
    const { answers, most } = await crowd(200, (fetch) => (fetch === 1 ? 500 : 200));
    expect(answers.filter(({ status }) => status === 500)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(199);
    expect(most).toBe(1);
    expect(home.fetches()).toBe(2);
  });

  it('do not fall upon a service that fails on and on', async () => {
    const { answers, most } = await crowd(200, () => 500);
    expect(most).toBe(1);
    expect(home.fetches()).toBeLessThanOrEqual(4);
    const spared = answers.filter(({ status }) => status === 503);
    expect(spared.length).toBe(200 - home.fetches());
    expect(spared[0]?.json).toMatchObject({ code: 'SYS_5003', instance: '/api/home' });
    expect(spared[0]?.headers).toMatchObject({ 'retry-after': '1', 'cache-control': 'private, no-store' });
    expect(await home.market.redis.client.hget(home.key, 'body')).toBeNull();
  });

  it('do not fall upon one that refuses connections', async () => {
    const { bff } = home.market.services;
    await bff.stop();
    const answers = await Promise.all(Array.from({ length: 200 }, () => home.get()));
    await bff.start();
    expect(answers.every(({ status }) => status === 502 || status === 503)).toBe(true);
    expect(answers.filter(({ status }) => status === 502).length).toBeLessThan(20);
    expect(await home.get()).toMatchObject({ status: 200 });
  });

  // Whoever finds Redis slow for a moment, on a machine that stands still, asks the service itself: not time after time.
  it('get the old answer while one of them fetches the new one', { retry: 2 }, async () => {
    const old = await home.get();
    await home.age();
    const { release } = home.answerLater('public, s-maxage=60', 'new');
    const fetching = home.get();
    await until(() => home.fetches() === 2, 'the fetch');
    const others = await Promise.all(Array.from({ length: 200 }, () => home.get()));
    expect(new Set(others.map(({ text }) => text))).toEqual(new Set([old.text]));
    expect(new Set(others.map(({ headers }) => headers['x-cache-status']))).toEqual(new Set(['STALE']));
    release();
    expect((await fetching).text).toBe('new');
    expect((await home.get()).headers['x-cache-status']).toBe('HIT');
    expect(home.fetches()).toBe(2);
  });
});

describe('a fetch that takes long', () => {
  it('is joined by one of those who wait, and the first answer is for all', { timeout: 30_000 }, async () => {
    const held: (() => void)[] = [];
    home.replyWith((response) => {
      const text = `answer ${held.length + 1}`;
      held.push(() => response.setHeader('cache-control', 'public, s-maxage=60').end(text));
    });
    const crowdOfTwenty = Array.from({ length: 20 }, () => home.get());
    await until(() => held.length === 2, 'the second fetch');
    held[0]?.();
    await until(async () => (await home.get()).headers['x-cache-status'] === 'HIT', 'the answer');
    held[1]?.();
    const answers = (await Promise.all(crowdOfTwenty)).map(({ text }) => text);
    expect(answers.filter((text) => text === 'answer 2')).toHaveLength(1);
    expect(answers.filter((text) => text === 'answer 1')).toHaveLength(19);
    expect((await home.get()).text).toBe('answer 1');
    expect(home.fetches()).toBe(2);
  });

  it('is not waited for for ever', { timeout: 30_000 }, async () => {
    const { release } = home.answerLater('public, s-maxage=60', 'late');
    const answers = Array.from({ length: 10 }, () => home.get());
    const first = await Promise.race(answers);
    expect(first).toMatchObject({ status: 503 });
    expect(home.fetches()).toBeLessThanOrEqual(3);
    release();
    await Promise.all(answers);
  });
});

describe('whoever asks first', () => {
  it('may leave before the answer comes, and the others get it', async () => {
    const { release } = home.answerLater('public, s-maxage=60', 'for the others');
    const { authorization } = await home.market.as('GUEST');
    const leaving = fetch(`${home.market.gateway.url}/api/home`, {
      headers: { authorization },
      signal: AbortSignal.timeout(150),
    });
    await until(() => home.fetches() === 1, 'the fetch');
    const others = Array.from({ length: 20 }, () => home.get());
    await expect(leaving).rejects.toThrow();
    release();
    for (const { text } of await Promise.all(others)) expect(text).toBe('for the others');
    expect(home.fetches()).toBe(1);
  });

  it.skipIf(external)('may die with its worker, and others wait for three seconds at most', async () => {
    const { release } = home.answerLater('public, s-maxage=60', 'after the end');
    const lost = home.get().catch(() => 'lost');
    await until(() => home.fetches() === 1, 'the fetch');
    const before = childrenOf(home.market.gateway.pid ?? 0);
    for (const worker of before) process.kill(worker, 'SIGKILL');
    expect(await lost).toBe('lost');
    release();
    await until(async () => (await fetch(`${home.market.gateway.statusUrl}/status/ready`)).ok, 'new workers');
    const startedAt = performance.now();
    const answers = await Promise.all(Array.from({ length: 100 }, () => home.get()));
    expect(performance.now() - startedAt).toBeLessThan(4_500);
    expect(answers.every(({ text }) => text === 'after the end')).toBe(true);
    expect(home.fetches()).toBe(2);
  });
});
