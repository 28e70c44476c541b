import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Home, openHome } from './support/home.ts';

let home: Home;

beforeAll(async () => {
  home = await openHome();
});

beforeEach(() => home.reset());

afterAll(() => home.market.close());

describe('an answer that is for everybody', () => {
  it('is kept, and given to others', async () => {
    const first = await home.get();
    expect(first.headers).toMatchObject({
      'x-cache-status': 'MISS',
      'x-cache-key': home.key,
      'x-cache-ttl': '60',
    });
    const second = await home.get();
    expect(second).toMatchObject({ status: 200, text: first.text });
    expect(second.headers).toMatchObject({
      'x-cache-status': 'HIT',
      'x-cache-key': home.key,
      'cache-control': 'public, s-maxage=60',
      etag: first.headers.etag,
      age: second.headers['x-cache-age'],
    });
    expect(Number(second.headers['age'])).toBeLessThan(5);
    expect(Number(second.headers['x-cache-ttl'])).toBeGreaterThan(50);
    expect(home.fetches()).toBe(1);
  });

  it('is kept without what was one request\u2019s', async () => {
    await home.get({ 'x-request-id': 'first-request' });
    const second = await home.get({ 'x-request-id': 'second-request' });
    expect(second.headers['x-cache-status']).toBe('HIT');
    expect(second.headers['x-request-id']).toBe('second-request');
  });

  it('is as old as it was when it came, and some', async () => {
    home.answerWith('public, s-maxage=60', (response) => response.setHeader('age', '40'));
    expect((await home.get()).headers).toMatchObject({ 'x-cache-ttl': '20', 'x-cache-age': '40' });
    const { headers } = await home.get();
    expect(headers['x-cache-status']).toBe('HIT');
    expect(Number(headers['age'])).toBeGreaterThanOrEqual(40);
    expect(Number(headers['x-cache-ttl'])).toBeLessThanOrEqual(20);
  });

  it('comes back byte by byte', async () => {
    const bytes = Buffer.from(Array.from({ length: 2048 }, (_, index) => index % 256));
    home.replyWith((response) => response.setHeader('cache-control', 'public, max-age=60').end(bytes));
    await home.get();
    const second = await home.get();
    expect(second.headers['x-cache-status']).toBe('HIT');
    expect(second.body.equals(bytes)).toBe(true);
  });

  it('is fetched whole, plain and unconditionally, whatever its first reader asked for', async () => {
    const narrow = { range: 'bytes=0-1', 'if-none-match': '"x"', 'accept-encoding': 'br' };
    expect(await home.get(narrow)).toMatchObject({ status: 200 });
    for (const name of Object.keys(narrow))
      expect(home.market.services.bff.seen[0]?.headers).not.toHaveProperty(name);
  });

  it('is never given to somebody without a token', async () => {
    await home.get();
    expect((await home.market.get('/api/home')).status).toBe(401);
  });
});

describe('the query', () => {
  const QUERIES = {
    'a tracking parameter': '?utm_source=a',
    'two hundred of them': `?${Array.from({ length: 200 }, (_, index) => `a${index}=${index}`).join('&')}`,
    'a NUL': '?a=%00',
    'what is no escape': '?a=%zz&%',
    'what is no UTF-8': '?a=%ff%fe&%c0%af=1',
    'ten kilobytes': `?a=${'x'.repeat(10_000)}`,
    nothing: '?',
    'signs alone': '?&&==&?&;',
    'a declared name of another cache': '?cache:GET:/api/categories',
  };

  it.each(Object.entries(QUERIES))('makes no other answer with %s', async (_, query) => {
    const first = await home.get();
    const second = await home.get({}, `/api/home${query}`);
    expect(second).toMatchObject({ status: 200, text: first.text });
    expect(second.headers).toMatchObject({ 'x-cache-status': 'HIT', 'x-cache-key': home.key });
  });

  it('does not reach the service, be the answer kept or not', async () => {
    await home.get({}, '/api/home?utm_source=a');
    home.answerWith('private');
    await home.market.redis.client.del(home.key);
    await home.get({}, '/api/home?utm_source=a');
    expect((await home.get({}, '/api/home?utm_source=a')).headers['x-cache-status']).toBe('BYPASS');
    expect(home.market.services.bff.seen.map(({ url }) => url)).toEqual(Array(3).fill('/api/home'));
  });

  it('is refused when it is longer than a line may be', async () => {
    const answer = await home.get({}, `/api/home?a=${'x'.repeat(20_000)}`);
    expect(answer.json).toMatchObject({ status: 414 });
  });
});

describe('HEAD', () => {
  it('is answered out of what a GET left, and leaves nothing itself', async () => {
    expect((await home.head()).headers['x-cache-status']).toBe('MISS');
    const first = await home.get();
    expect(first.headers['x-cache-status']).toBe('MISS');
    const late = await home.head();
    expect(late).toMatchObject({ status: 200, text: '' });
    expect(late.headers).toMatchObject({ 'x-cache-status': 'HIT', 'content-length': `${first.body.length}` });
    expect((await home.get()).text).toBe(first.text);
  });

  it('does not count as a fetch that failed', async () => {
    await home.head();
    await home.head();
    expect((await home.get()).headers['x-cache-status']).toBe('MISS');
    expect((await home.get()).headers['x-cache-status']).toBe('HIT');
  });
});

describe('a reader who has the answer already', () => {
  const MODIFIED = 'Wed, 21 Oct 2026 07:28:00 GMT';

  it.each(['ETAG', 'W/ETAG', '"other", W/ETAG', '"with, comma",ETAG', '*'])(
    'gets 304 for If-None-Match: %s',
    async (template) => {
      const { etag = '' } = (await home.get()).headers;
      const known = await home.get({ 'if-none-match': template.replace('ETAG', etag) });
      expect(known).toMatchObject({ status: 304, text: '' });
      expect(known.headers).toMatchObject({ etag, 'cache-control': 'public, s-maxage=60' });
    },
  );

  it.each(['"other"', '"a, ETAG"', 'ETAG*', 'W/', ''])('gets all of it for %s', async (noneMatch) => {
    await home.get();
    expect(await home.get({ 'if-none-match': noneMatch })).toMatchObject({ status: 200 });
  });

  it.each([
    [MODIFIED, 304],
    ['Thu, 22 Oct 2026 07:28:00 GMT', 304],
    ['Wed, 21 Oct 2026 07:27:59 GMT', 200],
    ['yesterday', 200],
  ])('and has it from %s gets %i', async (since, status) => {
    home.answerWith('public, s-maxage=60', (response) => response.setHeader('last-modified', MODIFIED));
    await home.get();
    expect((await home.get({ 'if-modified-since': since })).status).toBe(status);
    const both = { 'if-modified-since': since, 'if-none-match': '"other"' };
    expect((await home.get(both)).status).toBe(200);
  });
});
