import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Home, openHome } from './support/home.ts';

let home: Home;

beforeAll(async () => {
  home = await openHome();
});

beforeEach(() => home.reset());

afterAll(() => home.market.close());

async function statusOfSecond() {
  await home.get();
  const second = await home.get();
  expect(home.fetches()).toBe(second.headers['x-cache-status'] === 'HIT' ? 1 : 2);
  return second.headers['x-cache-status'];
}

describe('Cache-Control', () => {
  const KEPT: [string | string[], ttl: number][] = [
    ['public, s-maxage=60', 60],
    ['s-maxage=60', 60],
    ['PUBLIC, S-MaxAge=60', 60],
    ['public,s-maxage="60"', 60],
    [' public ,, s-maxage=60 , ', 60],
    ['public, s-maxage = 60', 60],
    ['public, max-age=10, s-maxage=60', 60],
    ['s-maxage=60, max-age=0', 60],
    [['public', 's-maxage=60'], 60],
    ['public, s-maxage=60, s-maxage=60', 60],
    ['public, max-age=60', 60],
    ['public', 300],
    ['public, max-age=86400', 300],
    ['public, s-maxage=99999999999999999999999999', 300],
    ['public, s-maxage=60, immutable, x-new="private, no-store", y=no-store', 60],
    ['public, s-maxage=60, x="a\\", private, \\""', 60],
  ];

  it.each(KEPT)('%s: the answer is kept for %i s', async (cacheControl, ttl) => {
    home.answerWith(cacheControl);
    const first = await home.get();
    expect(first.headers).toMatchObject({ 'x-cache-status': 'MISS', 'x-cache-ttl': `${ttl}` });
    expect((await home.get()).headers['x-cache-status']).toBe('HIT');
  });

  const NOT_KEPT: (string | string[] | undefined)[] = [
    undefined,
    '',
    'max-age=60',
    'must-revalidate, max-age=60',
    'private, max-age=60',
    'public, private',
    'public, no-store',
    'PUBLIC, NO-STORE',
    'public, no-cache',
    'public, s-maxage=60, no-cache="set-cookie"',
    'public, s-maxage=60, private="x-user"',
    'public, s-maxage=60, private = x y z',
    ['public, s-maxage=60', 'no-store'],
    'public;no-store',
    'public, s-maxage=0, max-age=60',
    'public, max-age=0',
    'public, s-maxage=60, s-maxage=90',
    'public, s-maxage',
    'public, s-maxage=-1',
    'public, s-maxage=1e9',
    'public, s-maxage=1.5',
    'public, s-maxage=a',
    'public, max-age=0x10',
    'public, s-maxage=60, x="no end, private',
    'x="public, s-maxage=60"',
    'x="public, s-maxage=60',
  ];

  it.each(NOT_KEPT.map((value) => [value]))('%s: the answer is not kept', async (cacheControl) => {
    home.answerWith(cacheControl);
    expect(await statusOfSecond()).toBe('BYPASS');
  });
});

describe('an answer', () => {
  type Change = (response: ServerResponse) => void;
  const header = (name: string, value: string | string[]) => (response: ServerResponse) => {
    response.setHeader(name, value);
  };
  const withStatus = (status: number) => (response: ServerResponse) => {
    response.writeHead(status, { location: '/' });
  };
  const inFuture = new Date(Date.now() + 30_000).toUTCString();

  const KEPT: [string, Change, string?][] = [
    ['of 301', withStatus(301)],
    ['of 302', withStatus(302)],
    ['that varies by Accept-Encoding', header('vary', 'accept-encoding')],
    ['that expires later', header('expires', inFuture), 'public'],
    ['that expired, but has an s-maxage', header('expires', '0')],
    ['with an age that is none', header('age', 'young')],
    ['with a negative age', header('age', '-500')],
  ];

  it.each(KEPT)('%s is kept', async (_, change, cacheControl = 'public, s-maxage=60') => {
    home.answerWith(cacheControl, change);
    expect(await statusOfSecond()).toBe('HIT');
  });

  const NOT_KEPT: [string, Change, string?][] = [
    ['with a cookie', header('set-cookie', 'a=1')],
    ['with two cookies', header('set-cookie', ['a=1', 'b=2'])],
    ['that varies by Authorization', header('vary', 'Authorization')],
    ['that varies by one more than Accept-Encoding', header('vary', ['Accept-Encoding', 'Cookie'])],
    ['that varies by all', header('vary', '*')],
    ['that is encoded', header('content-encoding', 'gzip')],
    ['older than its life', header('age', '61')],
    ['that expired', header('expires', 'Thu, 01 Jan 2026 00:00:00 GMT'), 'public'],
    ['that expires at no date', header('expires', '0'), 'public'],
    ...[201, 203, 204, 303, 307, 400, 401, 403, 404, 410, 429].map((status): [string, Change] => [
      `of ${status}`,
      withStatus(status),
    ]),
  ];

  it.each(NOT_KEPT)('%s is not kept', async (_, change, cacheControl = 'public, s-maxage=60') => {
    home.answerWith(cacheControl, change);
    expect(await statusOfSecond()).toBe('BYPASS');
  });

  it.each([
    [2_097_152, 'HIT'],
    [2_097_153, 'BYPASS'],
  ])('of %i bytes is a %s the second time', async (size, status) => {
    home.replyWith((response) => {
      response.setHeader('cache-control', 'public, s-maxage=60').end(Buffer.alloc(size, 'x'));
    });
    expect(await statusOfSecond()).toBe(status);
    expect((await home.get()).body.length).toBe(size);
  });
});

describe('an answer for one user', () => {
  it('is never given to another, however many ask at once', async () => {
    const { bff } = home.market.services;
    bff.reply = (response, { headers }) => {
      setTimeout(() => {
        response.setHeader('cache-control', 'private, max-age=60').end(String(headers['x-user-id']));
      }, 50);
    };
    const answers = await Promise.all(Array.from({ length: 20 }, () => home.get()));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(20);
  });

  it('does not make its readers wait for each other', async () => {
    home.answerWith('private, no-store');
    await home.get();
    let open = 0;
    let most = 0;
    home.replyWith((response) => {
      open += 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
        response.setHeader('cache-control', 'private, no-store').end('own');
      }, 100);
    });
    await Promise.all(Array.from({ length: 5 }, () => home.get()));
    expect(most).toBe(5);
  });
});
