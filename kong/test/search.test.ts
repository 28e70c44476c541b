import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Market, openMarket } from './support/market.ts';

let market: Market;

beforeAll(async () => {
  market = await openMarket();
});
afterAll(() => market.close());
beforeEach(() => {
  const { bff } = market.services;
  bff.reset();
  bff.reply = (response, { url }) =>
    response
      .setHeader('cache-control', 'public, s-maxage=10')
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ url }));
});

const search = async (query: string, path = '/api/search') => {
  const answer = await market.get(`${path}?${query}`, { headers: await market.as('GUEST') });
  return { status: answer.headers['x-cache-status'], url: answer.json['url'] };
};
/** What was sent on, as names and values. */
const sentOn = (url: unknown) => [...new URL(String(url), 'http://bff').searchParams];

describe('a search', () => {
  it('is asked once for all who search the same, in whatever order they say it', async () => {
    const first = await search('q=lamp&sort=new&option=a:1&option=b:2');
    expect(first.status).toBe('MISS');
    expect(await search('option=b:2&option=a:1&sort=new&q=lamp&utm_source=mail')).toEqual({
      ...first,
      status: 'HIT',
    });
    expect(sentOn(first.url)).toEqual([
      ['option', 'a:1'],
      ['option', 'b:2'],
      ['q', 'lamp'],
      ['sort', 'new'],
    ]);
  });

  it('is another one with another option, page or word', async () => {
    await search('q=mug&option=a:1');
    for (const query of [
      'q=mug&option=a:2',
      'q=mug&option=a:1&option=a:2',
      'q=mug&page=2',
      'q=mugs',
      'q=mug',
    ])
      expect((await search(query)).status).toBe('MISS');
  });

  it('takes the first of what may come once', async () => {
    expect(sentOn((await search('q=first&q=second')).url)).toEqual([['q', 'first']]);
  });

  it('suggests from the same cache', async () => {
    const path = '/api/search/suggest';
    expect((await search('q=la&limit=5', path)).status).toBe('MISS');
    expect((await search('limit=5&q=la', path)).status).toBe('HIT');
    expect((await search('q=la', path)).status).toBe('MISS');
  });
});

describe('how long a caller waits', () => {
  it('is for servers to say, not for clients', async () => {
    const { bff } = market.services;
    const headers = { ...(await market.as('GUEST')), 'x-request-deadline': '1' };
    await market.get('/api/products/mug', { headers });
    expect(bff.seen.at(-1)?.headers).not.toHaveProperty('x-request-deadline');
  });
});
