import { hash as bcrypt } from '@node-rs/bcrypt';
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

let accounts: Accounts;
let clock = Date.now();

beforeAll(async () => {
  accounts = await startAccounts({ now: () => clock });
});
afterAll(() => accounts.close());

const statuses = (responses: Response[]) => responses.map(({ status }) => status);
/** How many were looked at, of as many as come; what is too much work at once is a 503, and not counted. */
const lookedAt = (responses: Response[]) => {
  for (const { status } of responses) expect([401, 429, 503]).toContain(status);
  return count(responses, 401);
};
const count = (responses: Response[], status: number) =>
  statuses(responses).filter((it) => it === status).length;

/** Milliseconds */
const soon = { timeout: 8_000, interval: 200 };

describe('a login', () => {
  it('is refused alike for an unknown address, a wrong password, no password and no proof', async () => {
    const known = await accounts.member();
    const social = accounts.memberServer.add({ email: someEmail() });
    const waiting = await accounts.member();
    waiting.emailVerified = false;
    const attempts = [someEmail(), known.email, social.email].map((email) => accounts.login(email, 'wrong'));
    const answers = await Promise.all(
      [...attempts, accounts.login(waiting.email)].map(async (it) => visible(await it)),
    );
    expect(answers[0]?.status).toBe(401);
    expect(answers[0]?.body).toContain('AUTH_1004');
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it('with the right password sends the link again to who has not proved the address', async () => {
    const waiting = await accounts.member();
    waiting.emailVerified = false;
    await accounts.login(waiting.email, 'wrong');
    await accounts.login(waiting.email);
    const token = tokenIn(await accounts.mail(waiting.email));
    expect((await accounts.post('/api/auth/email/verify', { token })).status).toBe(204);
    expect((await accounts.login(waiting.email)).status).toBe(200);
  });

  it('takes a password however the keyboard composed it', async () => {
    const { email } = await accounts.member();
    expect((await accounts.login(email, PASSWORD.normalize('NFD'))).status).toBe(200);
  });

  it('is a 503 while member-server fails, and is not counted', async () => {
    const { email } = await accounts.member();
    const from = { 'x-forwarded-for': someAddress() };
    accounts.memberServer.fail('answers 500');
    for (let i = 0; i < 12; i += 1) {
      const refused = await accounts.login(email, PASSWORD, from);
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).toBe('1');
    }
    accounts.memberServer.fail('none');
    // member-server is left alone for two seconds after so many failures.
    await expect.poll(async () => (await accounts.login(email, PASSWORD, from)).status, soon).toBe(200);
  });

  it('does not start a session with a password that was reset while it was looked at', async () => {
    const { email } = await accounts.member();
    await accounts.post('/api/auth/password/forgot', { email });
    const token = tokenIn(await accounts.mail(email));
    accounts.memberServer.before(async (path) => {
      if (path !== '/internal/credentials') return;
      accounts.memberServer.before(() => undefined);
      const stale = { ...accounts.memberServer.findByEmail(email) };
      await accounts.post('/api/auth/password/reset', { token, newPassword: '새로 정한 비밀번호' });
      // The answer that was on its way when the password changed.
      Object.assign(accounts.memberServer.findByEmail(email) ?? {}, { passwordHash: stale.passwordHash });
    });
    expect((await accounts.login(email)).status).toBe(401);
  });
});

describe('a hash of bcrypt', () => {
  it.each(['2a', '2b', '2y'] as const)(
    'of version %s lets its owner in, and becomes Argon2id',
    async (version) => {
      const member = accounts.memberServer.add({
        email: someEmail(),
        passwordHash: await bcrypt(PASSWORD, { cost: 4, version }),
      });
      expect((await accounts.login(member.email, 'wrong')).status).toBe(401);
      expect((await accounts.login(member.email)).status).toBe(200);
      await vi.waitUntil(() => member.passwordHash?.startsWith('$argon2id$v=19$m=19456,t=2,p=1$'));
      expect((await accounts.login(member.email)).status).toBe(200);
    },
  );

  it('stays while the password is longer than bcrypt looks', async () => {
    const password = 'x'.repeat(72);
    const hash = await bcrypt(`${password}end`, { cost: 4 });
    const member = accounts.memberServer.add({ email: someEmail(), passwordHash: hash });
    expect((await accounts.login(member.email, `${password}END`)).status).toBe(200);
    expect((await accounts.login(member.email, `${password}end`)).status).toBe(200);
    expect(member.passwordHash).toBe(hash);
  });

  it('is not what ours are: passwords that differ after 72 bytes are different ones', async () => {
    const shared = 'x'.repeat(72);
    const { email } = await accounts.member(someEmail(), `${shared}a`);
    expect((await accounts.login(email, `${shared}b`)).status).toBe(401);
    expect((await accounts.login(email, `${shared}a`)).status).toBe(200);
  });

  it('of Argon2id with older parameters is renewed as well', async () => {
    const { hash } = await import('@node-rs/argon2');
    const passwordHash = await hash(PASSWORD, { memoryCost: 8_192, timeCost: 1, parallelism: 1 });
    const member = accounts.memberServer.add({ email: someEmail(), passwordHash });
    expect((await accounts.login(member.email)).status).toBe(200);
    await vi.waitUntil(() => member.passwordHash?.includes('m=19456,t=2,p=1'));
  });
});

// A thousand requests at once can be too much for a machine that does other things, too: then nothing is looked at.
describe('guesses', { retry: 3 }, () => {
  it('at one account from one address are refused after ten, and no other account is', async () => {
    const [target, neighbour] = [someEmail(), await accounts.member()];
    const from = { 'x-forwarded-for': someAddress() };
    const guesses = await Promise.all(
      Array.from({ length: 12 }, () => accounts.login(target, 'guess', from)),
    );
    expect(statuses(guesses).sort()).toEqual([...Array(10).fill(401), 429, 429]);
    const refused = guesses.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get('retry-after'))).toBe(90);
    expect((await accounts.login(neighbour.email, PASSWORD, from)).status).toBe(200);
  });

  it.each([
    ['known', true],
    ['unknown', false],
  ])(
    'at an account that is %s, a thousand at once from a thousand addresses: twenty are looked at',
    async (_, known) => {
      const email = known ? (await accounts.member()).email : someEmail();
      const guesses = await Promise.all(
        Array.from({ length: 1_000 }, (_, index) =>
          accounts.login(email, 'guess', { 'x-forwarded-for': `11.0.${index >> 8}.${index & 255}` }),
        ),
      );
      expect(lookedAt(guesses)).toBeGreaterThan(0);
      expect(lookedAt(guesses)).toBeLessThanOrEqual(20);
    },
  );

  it('from one address, a thousand at once at a thousand accounts: sixty are looked at', async () => {
    const from = { 'x-forwarded-for': someAddress() };
    const guesses = await Promise.all(
      Array.from({ length: 1_000 }, () => accounts.login(someEmail(), 'guess', from)),
    );
    expect(lookedAt(guesses)).toBeGreaterThan(0);
    expect(lookedAt(guesses)).toBeLessThanOrEqual(60);
  });

  it('from one network of IPv6 are counted as one address', async () => {
    const guesses = await Promise.all(
      Array.from({ length: 70 }, (_, index) =>
        accounts.login(someEmail(), 'guess', { 'x-forwarded-for': `2001:db8:7:8::${index.toString(16)}` }),
      ),
    );
    expect(lookedAt(guesses)).toBeGreaterThan(0);
    expect(lookedAt(guesses)).toBeLessThanOrEqual(60);
  });

  it('do not get a new address by making one up in front of what our proxies wrote', async () => {
    const from = someAddress();
    const guesses = await Promise.all(
      Array.from({ length: 70 }, () =>
        accounts.login(someEmail(), 'guess', { 'x-forwarded-for': `${someAddress()}, ${from}, 127.0.0.1` }),
      ),
    );
    expect(lookedAt(guesses)).toBeGreaterThan(0);
    expect(lookedAt(guesses)).toBeLessThanOrEqual(60);
  });

  it('are allowed again as time passes', async () => {
    const email = someEmail();
    const from = { 'x-forwarded-for': someAddress() };
    await Promise.all(Array.from({ length: 10 }, () => accounts.login(email, 'guess', from)));
    expect((await accounts.login(email, 'guess', from)).status).toBe(429);
    clock += 90_000;
    expect((await accounts.login(email, 'guess', from)).status).toBe(401);
    expect((await accounts.login(email, 'guess', from)).status).toBe(429);
  });
});

describe('the owner of an account that strangers guess at', () => {
  const attack = (email: string) =>
    Promise.all(
      Array.from({ length: 40 }, () => accounts.login(email, 'guess', { 'x-forwarded-for': someAddress() })),
    );

  it('still signs in from where they did before, and is counted there all the same', async () => {
    const { email } = await accounts.member();
    const home = { 'x-forwarded-for': someAddress() };
    expect((await accounts.login(email, PASSWORD, home)).status).toBe(200);
    await attack(email);
    expect((await accounts.login(email)).status).toBe(429);
    const mistakes = await Promise.all(
      Array.from({ length: 9 }, () => accounts.login(email, 'mistake', home)),
    );
    expect(count(mistakes, 401)).toBe(9);
    expect((await accounts.login(email, PASSWORD, home)).status).toBe(200);
  });

  it('gets in from anywhere after choosing a new password', async () => {
    const { email } = await accounts.member();
    await attack(email);
    const away = { 'x-forwarded-for': someAddress() };
    expect((await accounts.login(email, PASSWORD, away)).status).toBe(429);
    await accounts.post('/api/auth/password/forgot', { email });
    const token = tokenIn(await accounts.mail(email));
    const newPassword = '새로 정한 비밀번호';
    expect((await accounts.post('/api/auth/password/reset', { token, newPassword }, away)).status).toBe(204);
    expect((await accounts.login(email, newPassword, away)).status).toBe(200);
  });

  it('does not pay for earlier mistakes after a login', async () => {
    const { email } = await accounts.member();
    const home = { 'x-forwarded-for': someAddress() };
    for (const _ of [1, 2]) {
      await Promise.all(Array.from({ length: 8 }, () => accounts.login(email, 'mistake', home)));
      expect((await accounts.login(email, PASSWORD, home)).status).toBe(200);
    }
  });
});
