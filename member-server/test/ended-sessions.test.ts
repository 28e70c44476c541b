import { randomUUID } from 'node:crypto';
import { endSession } from '@doa-market/common/testing';
import { redisUrl } from '@doa-market/scripts/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openShop, type Shop } from './support/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

describe('a session that was ended', () => {
  it('opens nothing any more, although its access token has not expired', async () => {
    const sid = randomUUID();
    await endSession(redisUrl(), sid);
    const token = await shop.authority.token('MEMBER', randomUUID(), { claims: { sid } });
    await vi.waitFor(async () => {
      const answer = await shop.call('GET', '/api/cart', { token });
      expect(answer.status).toBe(401);
      expect(answer.body).toMatchObject({ code: 'AUTH_1005' });
    });
  });
});
