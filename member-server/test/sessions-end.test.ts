import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@doa-market/common/config';
import { SessionTokensSchema } from '@doa-market/common/contracts';
import { until } from '@doa-market/common/testing';
import { freePort } from '@doa-market/scripts/free-port';
import { redisUrl } from '@doa-market/scripts/testing';
import { hash } from '@node-rs/argon2';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../auth-server/src/app.ts';
import { ConfigSchema } from '../../auth-server/src/config.ts';
import { listen } from '../../auth-server/src/http/listen.ts';
import { newEmail } from './support/registration.ts';
import { type Answer, type Call, caller, openShop, type Shop } from './support/shop.ts';

const PASSWORD = 'a long walk by the river';
const BASIC = `Basic ${Buffer.from('doa-web:doa-web-development-secret').toString('base64')}`;

let directory: string;
let authUrl: string;
let stopAuth: () => Promise<void>;
let shop: Shop;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'doa-keys-'));
  const port = await freePort();
  authUrl = `http://127.0.0.1:${port}`;
  shop = await openShop({ AUTH_SERVICE_URL: authUrl });
  const app = await buildApp(
    loadConfig(ConfigSchema, {
      LOG_LEVEL: 'silent',
      REDIS_URL: redisUrl(),
      MEMBER_SERVICE_URL: shop.url,
      JWT_KEYS_FILE: join(directory, 'keys.json'),
      PORT: `${port}`,
    }),
  );
  const server = listen(app.koa, { HOST: '127.0.0.1', PORT: port });
  await server.start();
  stopAuth = async () => {
    await server.stop();
    await app.close();
  };
});
afterAll(async () => {
  await shop.close();
  await stopAuth();
  await rm(directory, { recursive: true });
});

const auth = (path: string, body: unknown): Promise<Answer> =>
  caller(authUrl)('POST', `/api/auth/${path}`, { body, headers: { authorization: BASIC } });

async function signedIn(role: 'MEMBER' | 'ADMIN' = 'MEMBER') {
  const email = newEmail();
  const passwordHash = await hash(PASSWORD);
  const { id } = await shop.members.create({
    email,
    name: '김도아',
    passwordHash,
    role,
    emailVerified: true,
  });
  const login = () => auth('login', { email, password: PASSWORD });
  const { accessToken: token, refreshToken } = Value.Parse(SessionTokensSchema, (await login()).body);
  const send = (method: string, path: string, call: Call = {}) => shop.call(method, path, { token, ...call });
  return {
    id,
    login,
    send,
    me: () => send('GET', '/api/members/me'),
    refresh: () => auth('refresh', { refreshToken }),
  };
}

const change = (admin: Awaited<ReturnType<typeof signedIn>>, id: string, body: object) =>
  admin.send('PATCH', `/api/members/${id}`, { body, headers: { 'if-match': '*' } });

describe('with auth-server itself, the sessions', () => {
  it('of a member whose role changed are over within a second, and the next one has the new role', async () => {
    const [admin, member] = [await signedIn('ADMIN'), await signedIn()];
    expect((await member.me()).status).toBe(200);
    expect((await change(admin, member.id, { role: 'SELLER' })).status).toBe(200);
    await until(async () => (await member.me()).status === 401, 'the end of the session', 1_500);
    expect((await member.me()).body).toMatchObject({ code: 'AUTH_1005' });
    expect(await member.refresh()).toMatchObject({ status: 401, body: { code: 'AUTH_1009' } });
    expect((await member.login()).body).toMatchObject({ role: 'SELLER' });
    expect((await admin.me()).status).toBe(200);
  });

  it('of a suspended member are over, and there is no new one', async () => {
    const [admin, member] = [await signedIn('ADMIN'), await signedIn()];
    await change(admin, member.id, { status: 'SUSPENDED' });
    await until(async () => (await member.me()).status === 401, 'the end of the session', 1_500);
    expect(await member.login()).toMatchObject({ status: 401, body: { code: 'AUTH_1004' } });
  });

  it('of who leaves are over, on every device', async () => {
    const member = await signedIn();
    const other = Value.Parse(SessionTokensSchema, (await member.login()).body).accessToken;
    expect((await member.send('DELETE', '/api/members/me')).status).toBe(204);
    const there = () => shop.call('GET', '/api/members/me', { token: other });
    await until(async () => (await there()).status === 401, 'the end of the other session', 1_500);
    expect((await member.login()).status).toBe(401);
  });
});
