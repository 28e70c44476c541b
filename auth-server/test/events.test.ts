import type { SessionTokens } from '@doa-market/common/contracts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Accounts, PASSWORD, startAccounts } from './support/accounts.ts';

interface Page {
  data: { type: string; address: string; device: string; occurredAt: string }[];
  meta: { page: number; limit: number; total: number; totalPages: number };
}

let accounts: Accounts;

beforeAll(async () => {
  accounts = await startAccounts();
});
afterAll(() => accounts.close());

const list = (accessToken: string, query = '') =>
  fetch(`${accounts.url}/api/auth/events${query}`, { headers: { authorization: `Bearer ${accessToken}` } });
const eventsOf = async (accessToken: string, query = '') =>
  (await (await list(accessToken, query)).json()) as Page;
async function signIn(email: string, headers = {}): Promise<string> {
  const response = await accounts.login(email, PASSWORD, headers);
  return ((await response.json()) as SessionTokens).accessToken;
}
const settled = (accessToken: string, total: number) =>
  vi.waitUntil(async () => {
    const page = await eventsOf(accessToken);
    return page.meta.total === total && page;
  });

describe('security events', () => {
  it('tell a member of logins, good and bad, newest first, without the whole address', async () => {
    const { email } = await accounts.member();
    const from = { 'x-forwarded-for': '203.0.113.77', 'user-agent': 'Shop/1.0 (test)' };
    await accounts.login(email, 'wrong', from);
    const token = await signIn(email, from);
    const { data } = await settled(token, 2);
    expect(data.map(({ type }) => type)).toEqual(['LOGIN', 'LOGIN_FAILED']);
    expect(data[0]).toEqual({
      type: 'LOGIN',
      address: '203.0.113.0',
      device: 'Shop/1.0 (test)',
      occurredAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
  });

  it('are the member’s own', async () => {
    const [one, other] = [await accounts.member(), await accounts.member()];
    await signIn(one.email);
    const token = await signIn(other.email);
    await settled(token, 1);
    const guest = (await (await accounts.post('/api/auth/guest')).json()) as SessionTokens;
    expect((await list(guest.accessToken)).status).toBe(403);
    expect((await fetch(`${accounts.url}/api/auth/events`)).status).toBe(401);
  });

  it('come in pages, and of very many the newest are kept, for half a year', async () => {
    const { email, memberId } = await accounts.member();
    const event = JSON.stringify({
      type: 'LOGIN',
      occurredAt: new Date().toISOString(),
      address: '',
      device: '',
    });
    for (let i = 0; i < 500; i += 1) await accounts.redis.xadd(`security:${memberId}`, '*', 'event', event);
    const token = await signIn(email);
    await vi.waitUntil(async () => (await accounts.redis.xlen(`security:${memberId}`)) <= 300);
    const { data, meta } = await eventsOf(token, '?page=2&limit=7');
    expect(data).toHaveLength(7);
    expect(meta).toMatchObject({ page: 2, limit: 7 });
    expect(meta.totalPages).toBe(Math.ceil(meta.total / 7));
    const ttl = await accounts.redis.ttl(`security:${memberId}`);
    expect(ttl).toBeGreaterThan(179 * 86_400);
    expect((await list(token, '?limit=101')).status).toBe(422);
    expect((await list(token, '?page=0')).status).toBe(422);
  });
});
