import { until } from '@doa-market/common/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Home, openHome } from './support/home.ts';
import { external } from './support/market.ts';
import type { Reply } from './support/upstream.ts';

let home: Home;

// As kong.yml.template has it, but for a service that is slow much sooner.
const TEMPLATE = `
_format_version: "3.0"
services:
  - name: bff
    url: \${BFF_SERVICE_URL}
    read_timeout: 300
    retries: 0
    routes:
      - name: home
        paths: ["~/api/home$"]
        strip_path: false
        plugins:
          - name: simple-redis-cache
            config:
              warmup_token: "{vault://env/warmup-token}"
              redis: { host: \${REDIS_HOST}, port: \${REDIS_PORT} }
plugins:
  - name: wire-format
    config: { first_party_token: "{vault://env/warmup-token}" }
`;

beforeAll(async () => {
  home = await openHome(external ? {} : { template: TEMPLATE });
});

beforeEach(() => home.reset());

afterAll(() => home.market.close());

const half: Reply = (response) => {
  response.writeHead(200, { 'content-length': 100, 'cache-control': 'public, s-maxage=60' });
  response.write('half', () => response.socket?.destroy());
};

const halfChunked: Reply = (response) => {
  response.writeHead(200, { 'cache-control': 'public, s-maxage=60' });
  response.write('half', () => response.socket?.destroy());
};

const FAILURES: [string, Reply][] = [
  ['500', (response) => response.writeHead(500, { 'cache-control': 'public, s-maxage=60' }).end('no')],
  ['503', (response) => response.writeHead(503).end('no')],
  ['nothing', (response) => void response.socket?.destroy()],
  ['half an answer', half],
  ['half an answer in chunks', halfChunked],
];
if (!external) FAILURES.push(['silence', () => undefined]);

describe('when the service answers', () => {
  it.each(FAILURES)('%s, an old answer stands in, and goes on to be kept', async (_, reply) => {
    const kept = await home.get();
    await home.age();
    home.replyWith(reply);
    const answer = await home.get();
    expect(answer).toMatchObject({ status: 200, text: kept.text });
    expect(answer.headers['x-cache-status']).toBe('STALE');
    expect(answer.headers['content-type']).not.toBe('application/problem+json');
    expect((await home.get()).text).toBe(kept.text);
  });

  it.each(FAILURES)('%s and nothing is kept, that is an error, and not kept', async (_, reply) => {
    home.replyWith(reply);
    const answer = await home.get();
    expect(answer.status).toBeGreaterThanOrEqual(500);
    home.answerWith('public, s-maxage=60');
    const next = await home.get();
    expect(next).toMatchObject({ status: 200 });
    expect(next.headers['x-cache-status']).toBe('MISS');
  });

  it('nothing because it is not there, an old answer stands in', async () => {
    const kept = await home.get();
    await home.age();
    await home.market.services.bff.stop();
    const answer = await home.get();
    await home.market.services.bff.start();
    expect(answer).toMatchObject({ status: 200, text: kept.text });
    expect(answer.headers['x-cache-status']).toBe('STALE');
  });

  it('500 to a HEAD, an old answer stands in too', async () => {
    await home.get();
    await home.age();
    home.answerWith(undefined, (response) => response.writeHead(500));
    expect(await home.head()).toMatchObject({ status: 200, text: '' });
  });

  it('500, it is left alone for a second, and then asked again', async () => {
    await home.get();
    await home.age();
    home.answerWith(undefined, (response) => response.writeHead(500));
    for (let attempt = 0; attempt < 10; attempt += 1) await home.get();
    expect(home.fetches()).toBe(2);
    home.answerWith('public, s-maxage=60');
    await until(async () => (await home.get()).headers['x-cache-status'] === 'MISS', 'another fetch');
  });
});

describe('an old answer', () => {
  it.each(['must-revalidate', 'proxy-revalidate', 'stale-while-revalidate=0, stale-if-error=0'])(
    'does not stand in when it said %s',
    async (directive) => {
      home.answerWith(`public, s-maxage=60, ${directive}`);
      await home.get();
      await home.age();
      await home.market.redis.client.hset(home.key, 'renewing', 1, 'stale', Date.now() - 1);
      home.answerWith(undefined, (response) => response.writeHead(500));
      expect((await home.get()).status).toBe(500);
    },
  );

  it('stands in for errors, but not while it is renewed, when it says so', async () => {
    home.answerWith('public, s-maxage=1, stale-while-revalidate=0, stale-if-error=60');
    const kept = await home.get();
    const { redis } = home.market;
    await until(async () => Number(await redis.client.hget(home.key, 'fresh')) < Date.now(), 'its end');
    const { release } = home.answerLater('public, s-maxage=60', 'new');
    const first = home.get();
    await until(() => home.fetches() === 2, 'the fetch');
    const second = home.get();
    release();
    expect([(await first).text, (await second).text]).toEqual(['new', 'new']);
    expect(kept.text).not.toBe('new');
  });

  it('is given no more once the service says that there is none', async () => {
    await home.get();
    await home.age();
    home.answerWith(undefined, (response) => response.writeHead(404));
    expect((await home.get()).status).toBe(404);
    home.answerWith(undefined, (response) => response.writeHead(500));
    expect((await home.get()).status).toBe(500);
  });
});

describe.skipIf(external)('with Redis down', () => {
  it('every request is a MISS, and none is an error or late', async () => {
    await home.market.redis.stop();
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const startedAt = performance.now();
      const answer = await home.get({}, attempt % 2 ? '/api/home?a=%00' : '/api/home');
      expect(answer.status).toBe(200);
      expect(answer.headers['x-cache-status']).toBe('MISS');
      expect(performance.now() - startedAt).toBeLessThan(500);
    }
    await home.market.redis.start();
    await until(async () => (await home.get()).headers['x-cache-status'] === 'HIT', 'a HIT');
  });
});

describe('what is in Redis under the name of an answer', () => {
  const client = () => home.market.redis.client;
  const times = () => {
    const now = Date.now();
    return { stored: now, fresh: now + 60_000, renewing: now + 90_000, stale: now + 90_000 };
  };
  const entry = (change: Record<string, string | number>) => () =>
    client().hset(home.key, { ...times(), status: 200, headers: '{}', body: 'x', ...change });

  const SPOILED: [string, () => Promise<unknown>][] = [
    ['text', () => client().set(home.key, 'garbage')],
    ['a list', () => client().rpush(home.key, 'garbage')],
    ['a set', () => client().sadd(home.key, 'garbage')],
    ['a stream', () => client().xadd(home.key, '*', 'a', 'b')],
    ['a hash of something else', () => client().hset(home.key, 'a', 'b')],
    ['words for numbers', entry({ stored: 'a', fresh: 'b', stale: 'c' })],
    ['a time that is missing', () => client().hset(home.key, { stored: 1, fresh: Date.now() + 60_000 })],
    ['headers that are no JSON', entry({ headers: '{' })],
    ['headers that are a list', entry({ headers: '[1]' })],
    ['headers that are nested', entry({ headers: '{"etag":{"a":{}}}' })],
    ['a header that is null', entry({ headers: '{"etag":null}' })],
    ['a status beyond all', entry({ status: 9999 })],
    ['a status that is none', entry({ status: '20x' })],
    ['a fetch that ended long ago', () => client().hset(home.key, { turn: 'x', owner: 'x', since: 1 })],
  ];

  it.each(SPOILED)('if it is %s, is a MISS, and a HIT the next time', async (_, spoil) => {
    await spoil();
    const first = await home.get();
    expect(first).toMatchObject({ status: 200 });
    expect(first.headers['x-cache-status']).toBe('MISS');
    const second = await home.get();
    expect(second).toMatchObject({ status: 200, text: first.text });
    expect(second.headers['x-cache-status']).toBe('HIT');
  });
});
