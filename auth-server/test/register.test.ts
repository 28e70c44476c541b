import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type Accounts,
  AGREEMENTS,
  PASSWORD,
  someAddress,
  someEmail,
  startAccounts,
  tokenIn,
  visible,
} from './support/accounts.ts';

let accounts: Accounts;

beforeAll(async () => {
  accounts = await startAccounts();
});
afterAll(() => accounts.close());

const verify = (token: string) => accounts.post('/api/auth/email/verify', { token });
const resend = (email: string) => accounts.post('/api/auth/email/resend', { email });

describe('a registration', () => {
  it('makes a member who can sign in once the address is proved', async () => {
    const email = someEmail();
    const response = await accounts.register(email, { name: ' 김도아 ' });
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ status: 'VERIFICATION_SENT' });
    expect((await accounts.login(email)).status).toBe(401);

    const link = await accounts.mail(email);
    expect(link.text).toContain('http://localhost:9000/auth/verify-email#token=');
    expect((await verify(tokenIn(link))).status).toBe(204);
    expect((await accounts.login(email)).status).toBe(200);
    expect(accounts.memberServer.findByEmail(email)).toMatchObject({
      name: '김도아',
      agreements: AGREEMENTS,
    });
  });

  it('hands on the hash of the password alone, by Argon2id at the parameters of OWASP', async () => {
    const email = someEmail();
    await accounts.register(email);
    const { passwordHash } = accounts.memberServer.findByEmail(email) ?? {};
    expect(passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('is answered alike for an address that is new, known, and waiting for its proof', async () => {
    const known = await accounts.member();
    const waiting = someEmail();
    await accounts.register(waiting);
    const answers = await Promise.all(
      [someEmail(), known.email, waiting].map(async (email) => visible(await accounts.register(email))),
    );
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it('takes as long for a known address as for a new one', async () => {
    const known = await accounts.member();
    accounts.memberServer.before((path) =>
      path === '/internal/members' ? new Promise((resolve) => setTimeout(resolve, 50)) : undefined,
    );
    /** Milliseconds, of the fastest of three: what else the machine does makes none of them shorter. */
    const took = async (email: () => string) => {
      const times: number[] = [];
      for (let sample = 0; sample < 3; sample += 1) {
        const startedAt = performance.now();
        await accounts.register(email());
        times.push(performance.now() - startedAt);
      }
      return Math.min(...times);
    };
    const slow = await took(someEmail);
    accounts.memberServer.before(() => undefined);
    expect(Math.abs((await took(() => known.email)) - slow)).toBeLessThan(40);
  });

  it('tells the owner of a known address by mail, and leaves the account as it is', async () => {
    const known = await accounts.member();
    await accounts.register(known.email, { password: '다른 사람이 정한 비밀번호' });
    const told = await accounts.mail(known.email);
    expect(told.subject).toContain('이미 가입된');
    expect(told.text).not.toContain('#token=');
    expect((await accounts.login(known.email)).status).toBe(200);
  });

  it('replaces one whose address nobody proved: its link and its password are good for nothing', async () => {
    const email = someEmail();
    await accounts.register(email, { password: '먼저 온 사람의 비밀번호' });
    const first = await accounts.mail(email);
    await accounts.register(email);
    const second = await accounts.mail(email, 2);
    expect((await verify(tokenIn(first))).status).toBe(410);
    expect((await verify(tokenIn(second))).status).toBe(204);
    expect((await accounts.login(email, '먼저 온 사람의 비밀번호')).status).toBe(401);
    expect((await accounts.login(email)).status).toBe(200);
  });

  it('does not let a link prove an address for a password that was replaced while it was used', async () => {
    const email = someEmail();
    await accounts.register(email);
    const link = await accounts.mail(email);
    accounts.memberServer.before(async (path) => {
      if (!path.endsWith('/email-verified')) return;
      accounts.memberServer.before(() => undefined);
      await accounts.register(email, { password: '가로채려는 비밀번호' });
    });
    expect((await verify(tokenIn(link))).status).toBe(410);
    expect(accounts.memberServer.findByEmail(email)?.emailVerified).toBe(false);
  });

  it('makes one member of two that come at once', async () => {
    const email = someEmail();
    const answers = await Promise.all([accounts.register(email), accounts.register(email)]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    const made = [...accounts.memberServer.members.values()].filter((it) => it.email === email);
    expect(made).toHaveLength(1);
    await verify(tokenIn(await accounts.mail(email, 2)));
    expect((await accounts.login(email)).status).toBe(200);
  });

  it.each(['answers 500', 'hangs up'] as const)(
    'is a 503 while member-server %s, leaves nothing, and can be done again',
    async (how) => {
      const email = someEmail();
      accounts.memberServer.fail(how);
      const refused = await accounts.register(email);
      accounts.memberServer.fail('none');
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(accounts.memberServer.findByEmail(email)).toBeUndefined();
      expect((await accounts.register(email)).status).toBe(202);
      await accounts.mail(email);
    },
  );

  it.each([
    ['no agreements', { agreements: [] }, 'agreements'],
    ['a required one missing', { agreements: [AGREEMENTS[0]] }, 'agreements'],
    [
      'a version that is not in force',
      { agreements: [{ document: 'TERMS', version: '2020-01-01' }, AGREEMENTS[1]] },
      'agreements.0',
    ],
    ['one of them twice', { agreements: [...AGREEMENTS, AGREEMENTS[0]] }, 'agreements.2'],
    ['seven characters', { password: '일곱글자비밀번' }, 'password'],
    ['129 characters', { password: 'x'.repeat(129) }, 'password'],
    ['eight letters that NFC makes four of', { password: '가나다라'.normalize('NFD') }, 'password'],
    ['half a character', { password: 'half a \ud83d character' }, 'password'],
    ['one of the most common passwords', { password: 'Password1234!' }, 'password'],
    ['our own name', { password: 'doa-market2026' }, 'password'],
    ['no name', { name: ' ' }, 'name'],
    ['a name with a line break', { name: 'A\r\nBcc: x@y.z' }, 'name'],
    ['a role', { role: 'ADMIN' }, 'role'],
    ['an address that is none', { email: 'doa' }, 'email'],
    ['an address with a line break', { email: 'a@doa.market\r\nBcc: b@doa.market' }, 'email'],
  ])('is refused with %s', async (_what, overrides, field) => {
    const response = await accounts.register(someEmail(), overrides);
    expect(response.status).toBe(422);
    const { errors } = (await response.json()) as { errors: { field: string }[] };
    expect(errors.map((it) => it.field)).toContain(field);
  });

  it('is refused with the address as the password', async () => {
    const email = someEmail();
    for (const password of [email, email.toUpperCase(), email.split('@')[0]]) {
      expect((await accounts.register(email, { password })).status).toBe(422);
    }
  });

  it.each([
    ['64 emoji', '🐈'.repeat(64)],
    ['128 characters of three bytes', '가나다라마바사아'.repeat(16)],
    ['a NUL in the middle', 'before\0after it all'],
    ['spaces alone that are long enough', ' '.repeat(20)],
  ])('takes a password of %s, every byte of it', async (_what, password) => {
    const email = someEmail();
    expect((await accounts.register(email, { password })).status).toBe(202);
    await verify(tokenIn(await accounts.mail(email)));
    expect((await accounts.login(email, password)).status).toBe(200);
    expect((await accounts.login(email, `${[...password].slice(0, -1).join('')}x`)).status).toBe(401);
  });

  it('is 429 when too many come from one address, and another address is still welcome', async () => {
    const from = { 'x-forwarded-for': someAddress() };
    // Refused by the throttle or let through: a body that is refused before is not counted.
    const answers = await Promise.all(
      Array.from({ length: 33 }, () => accounts.register(someEmail(), {}, from)),
    );
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(3);
    expect((await accounts.register(someEmail())).status).toBe(202);
  });
});

describe('a link that proves an address', () => {
  it('is good once, however many come with it', async () => {
    const email = someEmail();
    await accounts.register(email);
    const token = tokenIn(await accounts.mail(email));
    const answers = await Promise.all(Array.from({ length: 50 }, () => verify(token)));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 410)).toHaveLength(49);
  });

  it('is ended by a newer one', async () => {
    const email = someEmail();
    await accounts.register(email);
    const older = tokenIn(await accounts.mail(email));
    await resend(email);
    const newer = tokenIn(await accounts.mail(email, 2));
    const refused = await verify(older);
    expect(refused.status).toBe(410);
    expect(await refused.json()).toMatchObject({ code: 'AUTH_1006' });
    expect((await verify(newer)).status).toBe(204);
  });

  it('lives a day, and is in Redis as a digest alone', async () => {
    const email = someEmail();
    await accounts.register(email);
    const token = tokenIn(await accounts.mail(email));
    const key = `link:verify-email:${accounts.memberServer.findByEmail(email)?.memberId}`;
    const ttl = await accounts.redis.pttl(key);
    expect(ttl).toBeGreaterThan(86_400_000 - 30_000);
    expect(ttl).toBeLessThanOrEqual(86_400_000);
    expect(JSON.stringify(await accounts.redis.hgetall(key))).not.toContain(token.slice(24));
  });

  it('stays good when member-server was away', async () => {
    const email = someEmail();
    await accounts.register(email);
    const token = tokenIn(await accounts.mail(email));
    accounts.memberServer.fail('answers 500');
    expect((await verify(token)).status).toBe(503);
    accounts.memberServer.fail('none');
    expect((await verify(token)).status).toBe(204);
  });

  it.each([
    ['garbage', 'x'],
    ['a token of nobody’s', Buffer.alloc(48, 7).toString('base64url')],
    ['another alphabet', '='.repeat(64)],
    ['two hundred characters', 'a'.repeat(200)],
  ])('is gone for %s', async (_what, token) => {
    const response = await verify(token);
    expect(response.status).toBe(410);
    expect(await response.json()).toMatchObject({ code: 'AUTH_1006' });
  });

  it('is good for no other purpose', async () => {
    const email = someEmail();
    await accounts.register(email);
    const token = tokenIn(await accounts.mail(email));
    const reset = await accounts.post('/api/auth/password/reset', { token, newPassword: PASSWORD });
    expect(reset.status).toBe(410);
  });
});

describe('another link', () => {
  it('is promised alike to every address, and sent to who waits for one alone', async () => {
    const known = await accounts.member();
    const unknown = someEmail();
    const waiting = someEmail();
    await accounts.register(waiting);
    const answers = await Promise.all(
      [waiting, known.email, unknown].map(async (email) => visible(await resend(email))),
    );
    expect(answers[0]?.status).toBe(202);
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    await accounts.mail(waiting, 2);
    expect(await accounts.mails(known.email)).toEqual([]);
    expect(await accounts.mails(unknown)).toEqual([]);
  });

  // One that a busy machine broke off is sent when its lease of a minute is over.
  it('is sent three times to a mailbox and no more, with the same answer', { timeout: 100_000 }, async () => {
    const email = someEmail();
    await accounts.register(email);
    const first = await visible(await resend(email));
    for (let i = 0; i < 4; i += 1) expect(await visible(await resend(email))).toEqual(first);
    const nothingDue = async () => (await accounts.redis.zcard('mail:{outbox}:due')) === 0;
    await vi.waitUntil(nothingDue, { timeout: 90_000 });
    expect(await accounts.mails(email)).toHaveLength(4);
  });
});
