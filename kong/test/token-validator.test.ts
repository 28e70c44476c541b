import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Market, openMarket } from './support/market.ts';
import { bearer } from './support/tokens.ts';

let market: Market;

beforeAll(async () => {
  market = await openMarket();
});

afterAll(() => market.close());

describe('a request with a good token', () => {
  it('reaches its service with the identity of the token', async () => {
    const answer = await market.get('/api/home?x=1', { headers: bearer(await market.token('GUEST')) });
    expect(answer.status).toBe(200);
  });
});
