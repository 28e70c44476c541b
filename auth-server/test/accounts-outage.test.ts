import type { SessionTokens } from '@doa-market/common/contracts';
import { parse as bytesOfId, v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Accounts, AGREEMENTS, PASSWORD, startAccounts } from './support/accounts.ts';

let accounts: Accounts;
let url: string;
let bearer: string;

beforeAll(async () => {
  accounts = await startAccounts();
  const { email } = await accounts.member();
  const { accessToken } = (await (await accounts.login(email)).json()) as SessionTokens;
  bearer = `Bearer ${accessToken}`;
  ({ url } = await accounts.start({ REDIS_URL: 'redis://127.0.0.1:1' }));
});
afterAll(() => accounts.close());

const email = 'doa@doa.market';
const token = Buffer.concat([bytesOfId(uuidv7()), Buffer.alloc(32)]).toString('base64url');
const body = {
  register: { email, password: PASSWORD, name: '김도아', agreements: AGREEMENTS },
  change: { currentPassword: PASSWORD, newPassword: '새로 정한 비밀번호' },
};

describe('without Redis', () => {
  it.each<[string, object, boolean]>([
    ['register', body.register, false],
    ['login', { email, password: PASSWORD }, false],
    ['email/verify', { token }, false],
    ['email/resend', { email }, false],
    ['password/forgot', { email }, false],
    ['password/reset', { token, newPassword: PASSWORD }, false],
    ['password/change', body.change, true],
  ])('%s is a 503 that says when to come back, and changes nothing', async (path, content, asMember) => {
    const before = JSON.stringify([...accounts.memberServer.members]);
    const headers = asMember ? { authorization: bearer } : {};
    const response = await accounts.post(`/api/auth/${path}`, content, headers, url);
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await response.json()).toMatchObject({ code: 'SYS_5003' });
    expect(JSON.stringify([...accounts.memberServer.members])).toBe(before);
  });

  it('events are a 503 as well', async () => {
    const response = await fetch(`${url}/api/auth/events`, { headers: { authorization: bearer } });
    expect(response.status).toBe(503);
  });
});

describe('what is malformed', () => {
  const paths = ['register', 'email/verify', 'email/resend', 'password/forgot', 'password/reset', 'login'];

  it.each(paths)(
    'is refused by %s: no client, no JSON, half of it, a list, a field too many, a megabyte',
    async (path) => {
      const send = (content: string, headers: Record<string, string> = {}) =>
        fetch(`${accounts.url}/api/auth/${path}`, {
          method: 'POST',
          headers: { authorization: 'Basic eDp5', 'content-type': 'application/json', ...headers },
          body: content,
        }).then(({ status }) => status);
      const basic = `Basic ${Buffer.from('doa-web:doa-web-development-secret').toString('base64')}`;
      const trusted = { authorization: basic };
      expect(await send('{}')).toBe(401);
      expect(await send('email=a', { ...trusted, 'content-type': 'application/x-www-form-urlencoded' })).toBe(
        415,
      );
      expect(await send('{"email":', trusted)).toBe(400);
      expect(await send('[]', trusted)).toBe(422);
      expect(await send('{"__proto__":{"admin":true}}', trusted)).toBe(400);
      expect(await send('{"admin":true}', trusted)).toBe(422);
      expect(await send(JSON.stringify({ email, password: 'x'.repeat(1_000_000) }), trusted)).toBe(413);
    },
  );
});
