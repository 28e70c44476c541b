import { fileURLToPath } from 'node:url';
import type { SessionTokens } from '@doa-market/common/contracts';
import { freePort } from '@doa-market/scripts/free-port';
import { type ServerProcess, startServerProcess } from '@doa-market/scripts/server-process';
import { type TemporaryDatabase, temporaryDatabase } from '@doa-market/scripts/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  type Accounts,
  AGREEMENTS,
  PASSWORD,
  someEmail,
  startAccounts,
  tokenIn,
  visible,
} from './support/accounts.ts';

const MEMBER_SERVER = fileURLToPath(new URL('../../member-server', import.meta.url));
const NEW_PASSWORD = '새로 정한 비밀번호';
let database: TemporaryDatabase;
let memberUrl: string;
let memberServer: ServerProcess;
let accounts: Accounts;

async function startMemberServer(): Promise<ServerProcess> {
  const { REDIS_URL, SERVICE_KEYS } = accounts.config();
  const server = await startServerProcess('member-server', {
    NODE_ENV: 'test',
    LOG_LEVEL: 'warn',
    PORT: new URL(memberUrl).port,
    AUTH_SERVICE_URL: accounts.url,
    DATABASE_URL: database.url,
    REDIS_URL,
    SERVICE_KEY: SERVICE_KEYS.split(',')[0] ?? '',
  });
  const isReady = () => fetch(`${memberUrl}/ready`).then(({ ok }) => ok);
  await vi.waitUntil(isReady, { timeout: 50_000, interval: 50 });
  return server;
}

beforeAll(async () => {
  database = await temporaryDatabase(`${MEMBER_SERVER}/prisma/migrations`);
  memberUrl = `http://127.0.0.1:${await freePort()}`;
  accounts = await startAccounts({ env: { MEMBER_SERVICE_URL: memberUrl } });
  memberServer = await startMemberServer();
});
afterAll(async () => {
  await memberServer.kill();
  await accounts.close();
  await database.drop();
});

const verify = (token: string) => accounts.post('/api/auth/email/verify', { token });
async function member(): Promise<string> {
  const email = someEmail();
  await accounts.register(email);
  expect((await verify(tokenIn(await accounts.mail(email)))).status).toBe(204);
  return email;
}
async function agreementsOf(email: string) {
  const { accessToken } = (await (await accounts.login(email)).json()) as SessionTokens;
  const response = await fetch(`${memberUrl}/api/members/me/agreements`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  return (await response.json()) as { data: unknown[] };
}

describe('with the real member-server', () => {
  it('somebody registers, proves the address, signs in, and what they agreed to is kept', async () => {
    const email = someEmail();
    expect((await accounts.register(email)).status).toBe(202);
    expect((await accounts.login(email)).status).toBe(401);
    const token = tokenIn(await accounts.mail(email));
    const answers = await Promise.all(Array.from({ length: 20 }, () => verify(token)));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    expect((await accounts.login(email.toUpperCase())).status).toBe(200);
    const { data } = await agreementsOf(email);
    for (const agreement of AGREEMENTS) expect(data).toContainEqual(expect.objectContaining(agreement));
  });

  it('registrations are answered alike, and ten at once of one address make one member', async () => {
    const email = someEmail();
    const known = await member();
    const responses = await Promise.all(Array.from({ length: 10 }, () => accounts.register(email)));
    const [first, ...others] = await Promise.all([...responses, await accounts.register(known)].map(visible));
    expect(first?.status).toBe(202);
    for (const other of others) expect(other).toEqual(first);
    // Three mails are enough for a mailbox; which of the ten they are of is nobody's to know.
    await accounts.mail(email, 3);
    await accounts.post('/api/auth/email/resend', { email });
    expect((await verify(tokenIn(await accounts.mail(email, 4)))).status).toBe(204);
    expect((await accounts.login(email)).status).toBe(200);
    expect((await accounts.mail(known, 2)).subject).toContain('이미 가입된');
  });

  it('who registers an address first does not keep its password', async () => {
    const email = someEmail();
    await accounts.register(email, { password: '먼저 온 사람의 비밀번호' });
    const first = tokenIn(await accounts.mail(email));
    await accounts.register(email);
    const second = tokenIn(await accounts.mail(email, 2));
    expect((await verify(first)).status).toBe(410);
    expect((await verify(second)).status).toBe(204);
    expect((await accounts.login(email, '먼저 온 사람의 비밀번호')).status).toBe(401);
    expect((await accounts.login(email)).status).toBe(200);
  });

  it('passwords are changed and reset', async () => {
    const email = await member();
    const { accessToken } = (await (await accounts.login(email)).json()) as SessionTokens;
    const changed = await accounts.post(
      '/api/auth/password/change',
      { currentPassword: PASSWORD, newPassword: NEW_PASSWORD },
      { authorization: `Bearer ${accessToken}` },
    );
    expect(changed.status).toBe(200);
    expect((await accounts.login(email)).status).toBe(401);
    expect((await accounts.login(email, NEW_PASSWORD)).status).toBe(200);

    const mails = (await accounts.mails(email)).length;
    await accounts.post('/api/auth/password/forgot', { email });
    const reset = await vi.waitUntil(async () =>
      (await accounts.mails(email)).find(({ text }) => text.includes('reset-password#token=')),
    );
    expect(mails).toBeGreaterThan(0);
    const body = { token: tokenIn(reset), newPassword: PASSWORD };
    expect((await accounts.post('/api/auth/password/reset', body)).status).toBe(204);
    expect((await accounts.login(email)).status).toBe(200);
  });

  it('a registration is a 503 while it is away, and fine when it is back', { timeout: 150_000 }, async () => {
    const email = someEmail();
    const waiting = await member();
    await memberServer.kill();
    const refused = await accounts.register(email);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    // The mail is written when there is somebody to ask.
    expect((await accounts.post('/api/auth/password/forgot', { email: waiting })).status).toBe(202);
    memberServer = await startMemberServer();
    // The circuit stays open for a moment.
    await vi.waitUntil(async () => (await accounts.register(email)).status === 202, { timeout: 10_000 });
    await accounts.mail(email);
    await vi.waitUntil(
      async () => (await accounts.mails(waiting)).some(({ text }) => text.includes('reset-password')),
      // Each try waits longer for the next one, and one that was broken off waits for the end of its lease of a minute.
      { timeout: 100_000 },
    );
  });

  it('takes as long to register a known address as a new one', { retry: 3 }, async () => {
    const known = await member();
    const times: [number[], number[]] = [[], []];
    for (let sample = 0; sample < 15; sample += 1) {
      for (const [index, email] of [someEmail(), known].entries()) {
        const startedAt = performance.now();
        await accounts.register(email);
        times[index]?.push(performance.now() - startedAt);
      }
    }
    const [fresh = 0, taken = 0] = times.map((it) => it.toSorted((a, b) => a - b)[7]);
    expect(Math.abs(fresh - taken)).toBeLessThan(5);
  });
});
