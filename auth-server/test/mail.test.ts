import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Accounts, BASIC, PASSWORD, someEmail, startAccounts } from './support/accounts.ts';
import { startMailServer, textOf } from './support/mail-server.ts';
import { startProcess } from './support/process.ts';

let clock = Date.now();
let mailServer: Awaited<ReturnType<typeof startMailServer>>;
let accounts: Accounts;

beforeAll(async () => {
  mailServer = await startMailServer();
  accounts = await startAccounts({ env: { MAIL_URL: mailServer.url }, now: () => clock });
});
afterAll(async () => {
  await accounts.close();
  await mailServer.close();
});

const receivedBy = (email: string) => mailServer.received.filter(({ to }) => to.includes(email));
const arrived = (email: string) => vi.waitUntil(() => receivedBy(email)[0], { timeout: 8_000, interval: 20 });

describe('mail', () => {
  it('leaves by SMTP, in Korean, with the link after a # that no server sees', async () => {
    const email = someEmail();
    await accounts.register(email);
    const { from, raw } = await arrived(email);
    expect(from).toBe('no-reply@doa.market');
    expect(raw).toContain(`To: ${email}`);
    expect(textOf(raw)).toContain('가입이 완료됩니다');
    expect(textOf(raw)).toMatch(/http:\/\/localhost:9000\/auth\/verify-email#token=[\w-]{64}\r\n/);
  });

  it('has nothing in it that whoever registered typed, but the address', async () => {
    const email = someEmail();
    await accounts.register(email, { name: '지금 https://evil.example 로' });
    const { raw } = await arrived(email);
    expect(raw).not.toContain('evil.example');
    expect(textOf(raw)).not.toContain('evil.example');
  });

  it('is tried again with growing pauses when the mail server does not take it', async () => {
    const email = someEmail();
    mailServer.refuse(2);
    const before = mailServer.attempts();
    await accounts.register(email);
    await vi.waitUntil(() => mailServer.attempts() === before + 1, { timeout: 5_000 });
    clock += 2_000;
    await vi.waitUntil(() => mailServer.attempts() === before + 2, { timeout: 5_000 });
    clock += 2_000;
    const other = someEmail();
    await accounts.register(other);
    await arrived(other);
    expect(receivedBy(email)).toEqual([]);
    clock += 6_000;
    await arrived(email);
  });

  it('is not waited for: a mail server that hangs costs no answer its time', async () => {
    mailServer.answer(false);
    const startedAt = performance.now();
    expect((await accounts.register(someEmail())).status).toBe(202);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    mailServer.answer(true);
  });

  it('waits in Redis without a readable address, and without a link', async () => {
    const email = someEmail();
    mailServer.refuse(1);
    const before = mailServer.attempts();
    await accounts.register(email);
    await vi.waitUntil(() => mailServer.attempts() > before, { timeout: 5_000 });
    const jobs = await accounts.redis.hvals('mail:{outbox}:jobs');
    expect(jobs.length).toBeGreaterThan(0);
    for (const job of jobs) {
      expect(job + Buffer.from(job, 'base64url').toString('latin1')).not.toContain(email);
    }
    clock += 60_000;
    await arrived(email);
  });

  it('is sent though the process is killed between its answer and the mail', async () => {
    const hanging = await startMailServer();
    hanging.answer(false);
    // For the other process it is not due yet.
    clock = Date.now() - 600_000;
    const { REDIS_URL, MEMBER_SERVICE_URL, JWT_KEYS_FILE } = accounts.config();
    const doomed = await startProcess({
      REDIS_URL,
      MEMBER_SERVICE_URL,
      JWT_KEYS_FILE,
      MAIL_URL: hanging.url,
    });
    const { email } = await accounts.member();
    const answer = await fetch(`${doomed.url}/api/auth/password/forgot`, {
      method: 'POST',
      headers: { authorization: BASIC, 'content-type': 'application/json' },
      body: JSON.stringify({ email }),
    });
    expect(answer.status).toBe(202);
    await vi.waitUntil(() => hanging.connections() > 0, { timeout: 5_000 });
    await doomed.stop('SIGKILL');
    await hanging.close();
    expect(receivedBy(email)).toEqual([]);
    // The minute for which the killed one had it is over.
    clock = Date.now() + 120_000;
    const { raw } = await arrived(email);
    expect(textOf(raw)).toContain('/auth/reset-password#token=');
  });

  it('leaves neither address, link nor password in the log', async () => {
    // What the other process has taken is not due again here.
    clock = Date.now() - 600_000;
    const { REDIS_URL, MEMBER_SERVICE_URL, JWT_KEYS_FILE } = accounts.config();
    const server = await startProcess({
      REDIS_URL,
      MEMBER_SERVICE_URL,
      JWT_KEYS_FILE,
      MAIL_URL: mailServer.url,
      LOG_LEVEL: 'trace',
    });
    const { email } = await accounts.member();
    const send = (path: string, body: object) =>
      fetch(`${server.url}/api/auth/${path}`, {
        method: 'POST',
        headers: { authorization: BASIC, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    await send('login', { email, password: PASSWORD });
    await send('login', { email, password: 'a wrong password' });
    await send('password/forgot', { email });
    const link = textOf((await arrived(email)).raw);
    const token = /#token=([\w-]+)/.exec(link)?.[1] ?? '';
    await send('password/reset', { token, newPassword: '새로 정한 비밀번호' });
    await server.stop();
    const log = server.output();
    expect(log).toContain('PASSWORD_RESET');
    for (const secret of [email, token, PASSWORD, 'a wrong password', '새로 정한 비밀번호']) {
      expect(log).not.toContain(secret);
    }
  });
});

describe('the development mailbox', () => {
  it('is a page as well', async () => {
    const here = await accounts.start({ MAIL_URL: '' });
    const response = await fetch(`${here.url}/dev/mail`, { headers: { accept: 'text/html' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('cache-control')).toBe('private, no-store');
    await here.stop();
  });

  it('is not there where mail is sent, and production does not start without a mail server', async () => {
    expect((await fetch(`${accounts.url}/dev/mail`)).status).toBe(404);
    const production = {
      NODE_ENV: 'production',
      AUTH_BASIC_KEY: 'client:a-secret-of-its-own',
      SERVICE_KEYS: 'member-server:another-secret-of-its-own',
      REFRESH_TOKEN_SECRET: 'a secret that no other installation has',
      PUBLIC_URL: 'https://doa.market',
    };
    expect(() => accounts.config({ ...production, MAIL_URL: '' })).toThrow('MAIL_URL is missing');
    const here = await accounts.start({ ...production, MAIL_URL: mailServer.url });
    expect((await fetch(`${here.url}/dev/mail`)).status).toBe(404);
    await here.stop();
  });
});
