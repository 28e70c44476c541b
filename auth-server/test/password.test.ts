import type { SessionTokens } from '@doa-market/common/contracts';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type Accounts,
  PASSWORD,
  someAddress,
  someEmail,
  startAccounts,
  tokenIn,
  visible,
} from './support/accounts.ts';

const NEW_PASSWORD = '새로 정한 비밀번호';
let accounts: Accounts;

beforeAll(async () => {
  accounts = await startAccounts();
});
afterAll(() => accounts.close());

async function signIn(email: string, password = PASSWORD): Promise<SessionTokens> {
  const response = await accounts.login(email, password);
  expect(response.status).toBe(200);
  return (await response.json()) as SessionTokens;
}
const change = ({ accessToken }: SessionTokens, currentPassword: string, newPassword: string) =>
  accounts.post(
    '/api/auth/password/change',
    { currentPassword, newPassword },
    { authorization: `Bearer ${accessToken}` },
  );
const forgot = (email: string) => accounts.post('/api/auth/password/forgot', { email });
const reset = (token: string, newPassword = NEW_PASSWORD) =>
  accounts.post('/api/auth/password/reset', { token, newPassword });
const refresh = ({ refreshToken }: SessionTokens) => accounts.post('/api/auth/refresh', { refreshToken });
const isSignedIn = async ({ accessToken }: SessionTokens) => {
  const response = await fetch(`${accounts.url}/api/auth/sessions`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  return response.status === 200;
};
/** Revocations are remembered for a second. */
const isOut = (tokens: SessionTokens) =>
  vi.waitUntil(async () => !(await isSignedIn(tokens)), { timeout: 3_000, interval: 50 });

async function resetLink(email: string, mails = 1): Promise<string> {
  await forgot(email);
  return tokenIn(await accounts.mail(email, mails));
}

describe('changing a password', () => {
  it('ends every session and every older access token, and starts one', async () => {
    const { email } = await accounts.member();
    const elsewhere = await signIn(email);
    const here = await signIn(email);
    expect(await isSignedIn(elsewhere)).toBe(true);
    const response = await change(here, PASSWORD, NEW_PASSWORD);
    expect(response.status).toBe(200);
    const fresh = (await response.json()) as SessionTokens;
    expect([here.sessionId, elsewhere.sessionId]).not.toContain(fresh.sessionId);

    await Promise.all([isOut(elsewhere), isOut(here)]);
    expect(await isSignedIn(fresh)).toBe(true);
    expect((await refresh(elsewhere)).status).toBe(401);
    expect((await refresh(here)).status).toBe(401);
    expect((await refresh(fresh)).status).toBe(200);
    expect((await accounts.login(email)).status).toBe(401);
    expect((await accounts.login(email, NEW_PASSWORD)).status).toBe(200);
  });

  it('tells the owner by mail', async () => {
    const { email } = await accounts.member();
    await change(await signIn(email), PASSWORD, NEW_PASSWORD);
    expect((await accounts.mail(email)).subject).toContain('비밀번호가 바뀌었습니다');
  });

  it('needs the current one, and guesses at it are counted', async () => {
    const { email } = await accounts.member();
    const tokens = await signIn(email);
    const guesses = await Promise.all(Array.from({ length: 8 }, () => change(tokens, 'guess', NEW_PASSWORD)));
    expect(guesses.map(({ status }) => status).sort()).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    expect(await guesses.find(({ status }) => status === 401)?.json()).toMatchObject({ code: 'AUTH_1004' });
    expect(await isSignedIn(tokens)).toBe(true);
  });

  it('is for members alone', async () => {
    const guest = (await (await accounts.post('/api/auth/guest')).json()) as SessionTokens;
    expect((await change(guest, PASSWORD, NEW_PASSWORD)).status).toBe(403);
    const response = await accounts.post('/api/auth/password/change', {
      currentPassword: PASSWORD,
      newPassword: NEW_PASSWORD,
    });
    expect(response.status).toBe(401);
  });

  it.each([
    ['a common one', 'password1'],
    ['a short one', 'short'],
    ['the address', 'EMAIL'],
  ])('refuses %s', async (_what, newPassword) => {
    const { email } = await accounts.member();
    const tokens = await signIn(email);
    const response = await change(tokens, PASSWORD, newPassword === 'EMAIL' ? email : newPassword);
    expect(response.status).toBe(422);
    const { errors } = (await response.json()) as { errors: { field: string }[] };
    expect(errors).toEqual([expect.objectContaining({ field: 'newPassword' })]);
  });

  it('of two at once lets one win, and tells the other', async () => {
    const { email } = await accounts.member();
    const tokens = await signIn(email);
    const answers = await Promise.all([
      change(tokens, PASSWORD, '하나의 새 비밀번호'),
      change(tokens, PASSWORD, '둘의 새 비밀번호'),
    ]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const works = await Promise.all(
      ['하나의 새 비밀번호', '둘의 새 비밀번호'].map((it) => accounts.login(email, it)),
    );
    expect(works.map(({ status }) => status).sort()).toEqual([200, 401]);
  });

  it('while member-server is away is a 503, and the session stays', async () => {
    const { email } = await accounts.member();
    const tokens = await signIn(email);
    accounts.memberServer.fail('hangs up');
    expect((await change(tokens, PASSWORD, NEW_PASSWORD)).status).toBe(503);
    accounts.memberServer.fail('none');
    expect(await isSignedIn(tokens)).toBe(true);
    expect((await accounts.login(email)).status).toBe(200);
  });
});

describe('a forgotten password', () => {
  it('is answered alike for every address, and told of to members alone', async () => {
    const known = await accounts.member();
    const unknown = someEmail();
    const answers = await Promise.all([known.email, unknown].map(async (it) => visible(await forgot(it))));
    expect(answers[0]?.status).toBe(202);
    expect(answers[1]).toEqual(answers[0]);
    const mail = await accounts.mail(known.email);
    expect(mail.text).toContain('http://localhost:9000/auth/reset-password#token=');
    await vi.waitUntil(async () => (await accounts.redis.zcard('mail:{outbox}:due')) === 0);
    expect(await accounts.mails(unknown)).toEqual([]);
  });

  it('is reset once by the link, and every session ends', async () => {
    const { email } = await accounts.member();
    const elsewhere = await signIn(email);
    const token = await resetLink(email);
    expect((await reset(token)).status).toBe(204);
    await isOut(elsewhere);
    expect((await refresh(elsewhere)).status).toBe(401);
    expect((await accounts.login(email)).status).toBe(401);
    expect((await accounts.login(email, NEW_PASSWORD)).status).toBe(200);
    const again = await reset(token, '또 다른 비밀번호');
    expect(again.status).toBe(410);
    expect(await again.json()).toMatchObject({ code: 'AUTH_1006' });
    expect((await accounts.mail(email, 2)).subject).toContain('비밀번호가 바뀌었습니다');
  });

  it('is reset by one of fifty who come with the link at once', async () => {
    const { email } = await accounts.member();
    const token = await resetLink(email);
    const passwords = Array.from({ length: 50 }, (_, index) => `비밀번호 가운데 ${index}번째`);
    const answers = await Promise.all(passwords.map((password) => reset(token, password)));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 410)).toHaveLength(49);
    const winner = passwords[answers.findIndex(({ status }) => status === 204)];
    expect((await accounts.login(email, winner)).status).toBe(200);
  });

  it('link lives half an hour, and a newer one ends it', async () => {
    const { email, memberId } = await accounts.member();
    const older = await resetLink(email);
    const ttl = await accounts.redis.pttl(`link:reset-password:${memberId}`);
    expect(ttl).toBeGreaterThan(1_770_000);
    expect(ttl).toBeLessThanOrEqual(1_800_000);
    const newer = await resetLink(email, 2);
    expect((await reset(older)).status).toBe(410);
    expect((await reset(newer)).status).toBe(204);
  });

  it('link is not used up by a password that is refused, nor while member-server is away', async () => {
    const { email } = await accounts.member();
    const token = await resetLink(email);
    expect((await reset(token, 'password1')).status).toBe(422);
    expect((await reset(token, email)).status).toBe(422);
    accounts.memberServer.fail('answers 500');
    expect((await reset(token)).status).toBe(503);
    accounts.memberServer.fail('none');
    accounts.memberServer.before((path) => {
      if (!path.endsWith('/password')) return;
      accounts.memberServer.fail('hangs up');
      accounts.memberServer.before(() => undefined);
    });
    expect((await reset(token)).status).toBe(503);
    accounts.memberServer.fail('none');
    expect((await reset(token)).status).toBe(204);
  });

  it('link is gone once the password was changed otherwise', async () => {
    const { email } = await accounts.member();
    const token = await resetLink(email);
    await change(await signIn(email), PASSWORD, NEW_PASSWORD);
    expect((await reset(token, '또 다른 비밀번호')).status).toBe(410);
    expect((await accounts.login(email, NEW_PASSWORD)).status).toBe(200);
  });

  it('reset proves the address as well', async () => {
    const waiting = await accounts.member();
    waiting.emailVerified = false;
    const token = await resetLink(waiting.email);
    expect((await reset(token)).status).toBe(204);
    expect((await accounts.login(waiting.email, NEW_PASSWORD)).status).toBe(200);
  });

  it('can be set by who never had one', async () => {
    const social = accounts.memberServer.add({ email: someEmail() });
    expect((await reset(await resetLink(social.email))).status).toBe(204);
    expect((await accounts.login(social.email, NEW_PASSWORD)).status).toBe(200);
  });

  it('is 429 for who asks at many addresses from one', async () => {
    const from = { 'x-forwarded-for': someAddress() };
    const answers = await Promise.all(
      Array.from({ length: 32 }, () =>
        accounts.post('/api/auth/password/forgot', { email: someEmail() }, from),
      ),
    );
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(30);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(2);
  });
});
