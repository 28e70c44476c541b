import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { external, type Market, openMarket } from './support/market.ts';
import { until } from './support/until.ts';

const KEY = 'cache:GET:/api/home';
const REFRESH = { 'x-cache-refresh': 'true', 'x-warmup-token': 'doa-warm-up-development-token' };

let market: Market;

beforeAll(async () => {
  market = await openMarket({ env: { RATE_LIMIT_PUBLIC: '100000' } });
});

beforeEach(async () => {
  await market.redis.client.del(KEY, `${KEY}s`);
  market.services.bff.reset();
  answerWith('public, s-maxage=60');
});

afterEach(() => market.services.bff.reset());

afterAll(() => market.close());

let count = 0;

/** The BFF numbers its answers, so that one from the cache can be told. */
function answerWith(
  cacheControl: string | undefined,
  change: (response: ServerResponse) => void = () => undefined,
) {
  market.services.bff.reply = (response) => {
    count += 1;
    if (cacheControl !== undefined) response.setHeader('cache-control', cacheControl);
    response.setHeader('etag', `"${count}"`);
    change(response);
    response.end(`answer ${count}`);
  };
}

async function home(headers: Record<string, string> = {}, path = '/api/home') {
  return market.get(path, { headers: { ...(await market.as('GUEST')), ...headers } });
}

const fetches = () => market.services.bff.seen.length;

describe('an answer that is for everybody', () => {
  it('is kept, and given to others', async () => {
    const first = await home();
    expect(first.headers).toMatchObject({
      'x-cache-status': 'MISS',
      'x-cache-key': KEY,
      'x-cache-ttl': '60',
    });
    const second = await home();
    expect(second).toMatchObject({ status: 200, text: first.text });
    expect(second.headers).toMatchObject({
      'x-cache-status': 'HIT',
      'x-cache-key': KEY,
      'cache-control': 'public, s-maxage=60',
      etag: first.headers.etag,
    });
    expect(Number(second.headers['x-cache-age'])).toBeLessThan(5);
    expect(Number(second.headers['x-cache-ttl'])).toBeGreaterThan(50);
    expect(fetches()).toBe(1);
  });

  it('is kept without what was one request\u2019s', async () => {
    await home({ 'x-request-id': 'first-request' });
    const second = await home({ 'x-request-id': 'second-request' });
    expect(second.headers['x-cache-status']).toBe('HIT');
    expect(second.headers['x-request-id']).toBe('second-request');
  });

  it('is the same whatever the query says, as long as none is declared', async () => {
    const first = await home({}, '/api/home?utm_source=a');
    expect((await home({}, '/api/home?b=1')).text).toBe(first.text);
    expect(market.services.bff.seen[0]?.url).toBe('/api/home');
  });

  it('comes back byte by byte', async () => {
    const bytes = Buffer.from(Array.from({ length: 2048 }, (_, index) => index % 256));
    market.services.bff.reply = (response) =>
      response.setHeader('cache-control', 'public, max-age=60').end(bytes);
    await home();
    const second = await home();
    expect(second.headers['x-cache-status']).toBe('HIT');
    expect(second.body.equals(bytes)).toBe(true);
  });

  it('is fetched whole, plain and unconditionally, whatever its first reader asked for', async () => {
    const narrow = { range: 'bytes=0-1', 'if-none-match': '"x"', 'accept-encoding': 'br' };
    expect(await home(narrow)).toMatchObject({ status: 200 });
    for (const name of Object.keys(narrow))
      expect(market.services.bff.seen[0]?.headers).not.toHaveProperty(name);
  });

  it('is 304 for a reader who has it', async () => {
    const { etag } = (await home()).headers;
    const known = await home({ 'if-none-match': `"other", W/${etag}` });
    expect(known).toMatchObject({ status: 304, text: '' });
    expect(known.headers.etag).toBe(etag);
  });

  it('answers HEAD as well, and HEAD keeps nothing', async () => {
    const headers = await market.as('GUEST');
    const early = await market.get('/api/home', { method: 'HEAD', headers });
    expect(early.headers['x-cache-status']).toBe('MISS');
    const first = await home();
    expect(first.headers['x-cache-status']).toBe('MISS');
    const late = await market.get('/api/home', { method: 'HEAD', headers });
    expect(late).toMatchObject({ status: 200, text: '' });
    expect(late.headers).toMatchObject({ 'x-cache-status': 'HIT', 'content-length': `${first.body.length}` });
  });

  it('is never given to somebody without a token', async () => {
    await home();
    expect((await market.get('/api/home')).status).toBe(401);
  });
});

describe('an answer that is not', () => {
  const NOT_KEPT: [string, () => void][] = [
    ['private', () => answerWith('private, max-age=60')],
    ['no-store', () => answerWith('public, no-store')],
    ['no-cache', () => answerWith('public, no-cache')],
    ['without Cache-Control', () => answerWith(undefined)],
    ['with max-age alone', () => answerWith('max-age=60')],
    ['of zero seconds', () => answerWith('public, s-maxage=0, max-age=60')],
    ['in capitals', () => answerWith('PUBLIC, NO-STORE')],
    [
      'with a cookie',
      () => answerWith('public, s-maxage=60', (response) => response.setHeader('set-cookie', 'a=1')),
    ],
    [
      'that varies',
      () => answerWith('public, s-maxage=60', (response) => response.setHeader('vary', 'Authorization')),
    ],
    [
      'that varies by all',
      () => answerWith('public, s-maxage=60', (response) => response.setHeader('vary', '*')),
    ],
    ['of 404', () => answerWith('public, s-maxage=60', (response) => response.writeHead(404))],
    ['of 500', () => answerWith('public, s-maxage=60', (response) => response.writeHead(500))],
    [
      'older than its life',
      () => answerWith('public, s-maxage=60', (response) => response.setHeader('age', '61')),
    ],
    [
      'over 2 MB',
      () => answerWith('public, s-maxage=60', (response) => response.write(Buffer.alloc(2_100_000))),
    ],
  ];

  it.each(NOT_KEPT)('%s is not kept', async (_, arrange) => {
    arrange();
    await home();
    const second = await home();
    expect(second.headers['x-cache-status']).not.toBe('HIT');
    expect(fetches()).toBe(2);
  });

  it('does not make its readers wait for each other', async () => {
    answerWith('private, no-store');
    await home();
    let open = 0;
    let most = 0;
    market.services.bff.reply = (response) => {
      open += 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
        response.setHeader('cache-control', 'private, no-store').end('own');
      }, 100);
    };
    await Promise.all(Array.from({ length: 5 }, () => home()));
    expect(most).toBe(5);
  });
});

describe('many at once', () => {
  it('cost one fetch', async () => {
    market.services.bff.reply = (response) => {
      setTimeout(() => response.setHeader('cache-control', 'public, s-maxage=60').end('slow'), 150);
    };
    const answers = await Promise.all(Array.from({ length: 50 }, () => home()));
    expect(answers.every(({ status, text }) => status === 200 && text === 'slow')).toBe(true);
    expect(fetches()).toBe(1);
  });

  it('get the old answer while one of them fetches the new one', async () => {
    answerWith('public, s-maxage=1');
    const old = await home();
    let finish: () => void = () => undefined;
    market.services.bff.reply = (response) => {
      finish = () => response.setHeader('cache-control', 'public, s-maxage=60').end('new');
    };
    await until(async () => Number(await market.redis.client.hget(KEY, 'fresh')) < Date.now(), 'its end');
    const fetching = home();
    await until(() => fetches() === 2, 'the fetch');
    const stale = await home();
    expect(stale).toMatchObject({ text: old.text });
    expect(stale.headers['x-cache-status']).toBe('STALE');
    finish();
    expect((await fetching).text).toBe('new');
    expect((await home()).headers['x-cache-status']).toBe('HIT');
  });
});

describe('a purge', () => {
  it('takes effect with the next request', async () => {
    const first = await home();
    await market.redis.client.del(KEY);
    expect((await home()).text).not.toBe(first.text);
  });

  it('wins over a fetch that began before it', async () => {
    let finish: () => void = () => undefined;
    market.services.bff.reply = (response) => {
      finish = () => response.setHeader('cache-control', 'public, s-maxage=60').end('before the purge');
    };
    const fetching = home();
    await until(() => fetches() === 1, 'the fetch');
    await market.redis.client.del(KEY);
    finish();
    await fetching;
    answerWith('public, s-maxage=60');
    const after = await home();
    expect(after.headers['x-cache-status']).toBe('MISS');
    expect(after.text).not.toBe('before the purge');
  });
});

describe('renewal', () => {
  it('fetches again for whoever has the token', async () => {
    const first = await home();
    const renewed = await home(REFRESH);
    expect(renewed.headers['x-cache-status']).toBe('MISS');
    expect(renewed.text).not.toBe(first.text);
    expect((await home()).text).toBe(renewed.text);
    expect(JSON.stringify(market.services.bff.seen.at(-1)?.headers)).not.toContain('warm-up');
  });

  it.each([
    ['no token', { 'x-cache-refresh': 'true' }],
    ['an empty token', { 'x-cache-refresh': 'true', 'x-warmup-token': '' }],
    ['a wrong token', { 'x-cache-refresh': 'true', 'x-warmup-token': 'doa-warm-up-development-tokem' }],
    ['a token alone', { 'x-warmup-token': REFRESH['x-warmup-token'] }],
  ])('is nothing to one with %s', async (_, headers) => {
    await home();
    expect((await home(headers)).headers['x-cache-status']).toBe('HIT');
  });

  it('says so when the answer is none to keep', async () => {
    answerWith('private, no-store');
    expect((await home(REFRESH)).headers['x-cache-status']).toBe('BYPASS');
  });
});

describe('with the BFF in trouble', () => {
  async function keepAndExpire() {
    answerWith('public, s-maxage=1');
    const kept = await home();
    await until(async () => Number(await market.redis.client.hget(KEY, 'fresh')) < Date.now(), 'its end');
    return kept;
  }

  it('an old answer stands in for an error of its', async () => {
    const kept = await keepAndExpire();
    answerWith(undefined, (response) => response.writeHead(500));
    const answer = await home();
    expect(answer).toMatchObject({ status: 200, text: kept.text });
    expect(answer.headers['x-cache-status']).toBe('STALE');
  });

  it('an old answer stands in for none, and for half of one', async () => {
    const kept = await keepAndExpire();
    for (const part of ['', 'half']) {
      market.services.bff.reply = (response) => {
        if (part === '') return void response.socket?.destroy();
        response.writeHead(200, { 'content-length': 100, 'cache-control': 'public, s-maxage=60' });
        response.write(part, () => response.socket?.destroy());
      };
      const answer = await home();
      expect(answer).toMatchObject({ status: 200, text: kept.text });
      expect(answer.headers['x-cache-status']).toBe('STALE');
      expect(answer.headers['content-type']).not.toBe('application/problem+json');
    }
  });

  it('an old answer does not stand in when it says that it must not', async () => {
    answerWith('public, s-maxage=1, must-revalidate');
    await home();
    await until(async () => (await market.redis.client.exists(KEY)) === 0, 'its end');
    answerWith(undefined, (response) => response.writeHead(500));
    expect((await home()).status).toBe(500);
  });

  it('half an answer is 502 where nothing is kept, and is not kept', async () => {
    market.services.bff.reply = (response) => {
      response.writeHead(200, { 'content-length': 100, 'cache-control': 'public, s-maxage=60' });
      response.write('half', () => response.socket?.destroy());
    };
    expect((await home()).json).toMatchObject({ status: 502, code: 'SYS_5002' });
    answerWith('public, s-maxage=60');
    expect((await home()).headers['x-cache-status']).toBe('MISS');
  });
});

describe.skipIf(external)('with Redis down', () => {
  it('every request is a MISS, and none is an error', async () => {
    await market.redis.stop();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const answer = await home();
      expect(answer.status).toBe(200);
      expect(answer.headers['x-cache-status']).toBe('MISS');
    }
    await market.redis.start();
    await until(async () => {
      await delay(50);
      return (await home()).headers['x-cache-status'] === 'HIT';
    }, 'a HIT');
  });
});
