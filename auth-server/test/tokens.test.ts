import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTokenVerifier, remoteKeySet } from '@doa-market/common/auth';
import { loadConfig } from '@doa-market/common/config';
import { redisUrl } from '@doa-market/scripts/testing';
import { hash } from '@node-rs/argon2';
import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../src/app.ts';
import { ConfigSchema } from '../src/config.ts';
import { startMemberServer } from './support/member-server.ts';

const BASIC = `Basic ${Buffer.from('doa-web:doa-web-development-secret').toString('base64')}`;
const memberId = randomUUID();
let folder: string;
let members: Awaited<ReturnType<typeof startMemberServer>>;
let app: Awaited<ReturnType<typeof buildApp>>;
let server: Server;
let url: string;

const configWith = (overrides: Record<string, string> = {}) =>
  loadConfig(ConfigSchema, {
    LOG_LEVEL: 'silent',
    REDIS_URL: redisUrl(),
    MEMBER_SERVICE_URL: members.url,
    JWT_KEYS_FILE: join(folder, 'keys.json'),
    ...overrides,
  });

async function listen(built: typeof app): Promise<[Server, string]> {
  const listener = createServer(built.koa.callback());
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return [listener, `http://127.0.0.1:${(listener.address() as AddressInfo).port}`];
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doa-auth-'));
  const password = '비밀번호-여덟자-이상';
  members = await startMemberServer();
  members.add({ memberId, email: 'doa@doa.market', passwordHash: await hash(password) });
  app = await buildApp(configWith());
  [server, url] = await listen(app);
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await app.close();
  await members.close();
  await rm(folder, { recursive: true });
});

const post = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: {
      authorization: BASIC,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const login = (email: string, password: string) => post('/api/auth/login', { email, password });
const verifierFor = (audience: string) =>
  createTokenVerifier({
    issuer: 'https://auth.doa.market',
    audience: [audience],
    keys: remoteKeySet(url, 1_000).getKey,
  });

describe('a guest token', () => {
  it('verifies with the published keys, and names a visitor of its own', async () => {
    const response = await post('/api/auth/guest');
    expect(response.status).toBe(201);
    expect(response.headers.get('cache-control')).toBe('private, no-store');
    const { accessToken, ...rest } = (await response.json()) as { accessToken: string };
    expect(rest).toEqual({ tokenType: 'Bearer', expiresIn: 900, role: 'GUEST' });
    expect(decodeProtectedHeader(accessToken)).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
    expect(await verifierFor('doa-market')(accessToken)).toMatchObject({ role: 'GUEST' });
  });

  it.each([undefined, 'Basic d3Jvbmc6a2V5', 'Bearer x', `${BASIC}x`])(
    'is not given to a client that authenticates with %s',
    async (authorization) => {
      const response = await fetch(`${url}/api/auth/guest`, {
        method: 'POST',
        headers: { ...(authorization && { authorization }) },
      });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm/);
      expect(await response.json()).toMatchObject({ code: 'AUTH_1001' });
    },
  );
});

describe('a login', () => {
  it('gives a token of the member', async () => {
    const response = await login('doa@doa.market', '비밀번호-여덟자-이상');
    expect(response.status).toBe(200);
    const { accessToken } = (await response.json()) as { accessToken: string };
    expect(await verifierFor('doa-market')(accessToken)).toMatchObject({ sub: memberId, role: 'MEMBER' });
  });

  it('asks member-server with a service token for it alone', async () => {
    const token = members.authorizations.at(-1)?.replace('Bearer ', '') ?? '';
    expect(await verifierFor('member-server')(token)).toMatchObject({ role: 'SERVICE' });
    await expect(verifierFor('doa-market')(token)).rejects.toMatchObject({ status: 401 });
  });

  it('answers an unknown member and a wrong password alike', async () => {
    const answers = await Promise.all(
      [login('doa@doa.market', 'wrong'), login('nobody@doa.market', 'wrong')].map(async (it) => {
        const response = await it;
        const { requestId, ...body } = (await response.json()) as Record<string, unknown>;
        expect(requestId).toBe(response.headers.get('x-request-id'));
        const varying = ['x-request-id', 'date'];
        const headers = [...response.headers].filter(([name]) => !varying.includes(name));
        return { status: response.status, body, headers };
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.status).toBe(401);
  });

  it.each([
    ['no password', { email: 'doa@doa.market' }, 'password'],
    ['an unknown field', { email: 'doa@doa.market', password: 'x', admin: true }, 'admin'],
    ['an address that is none', { email: 'doa', password: 'x' }, 'email'],
    ['a password of 1 KB', { email: 'doa@doa.market', password: 'x'.repeat(1_000) }, 'password'],
    ['a list', [], 'body'],
  ])('answers 422 to %s and names the field', async (_name, body, field) => {
    const response = await post('/api/auth/login', body);
    expect(response.status).toBe(422);
    const { errors } = (await response.json()) as { errors: { field: string }[] };
    expect(errors.map((it) => it.field)).toContain(field);
  });

  it.each([
    ['a form', 415, { 'content-type': 'application/x-www-form-urlencoded' }, 'email=a'],
    ['plain text', 415, { 'content-type': 'text/plain' }, '{"email":"doa@doa.market","password":"x"}'],
    ['half a document', 400, { 'content-type': 'application/json' }, '{"email":'],
    ['a megabyte', 413, { 'content-type': 'application/json' }, JSON.stringify('x'.repeat(1_000_000))],
  ])('refuses %s', async (_name, status, headers, body) => {
    const response = await fetch(`${url}/api/auth/login`, {
      method: 'POST',
      headers: { authorization: BASIC, ...headers },
      body,
    });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });

  it('is refused after ten attempts on one account, and no other account is', async () => {
    const target = `${randomUUID()}@doa.market`;
    const attempts = await Promise.all(Array.from({ length: 12 }, () => login(target, 'guess')));
    expect(attempts.map(({ status }) => status).sort()).toEqual([...Array(10).fill(401), 429, 429]);
    const refused = attempts.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await login('doa@doa.market', '비밀번호-여덟자-이상')).status).toBe(200);
  });

  it('answers 503 while member-server fails, and not that the password is wrong', async () => {
    members.fail('answers 500');
    const response = await login('doa@doa.market', '비밀번호-여덟자-이상');
    members.fail('none');
    expect(response.status).toBe(503);
  });

  it('answers 503 while Redis is away, and guests are still welcome', async () => {
    const lonely = await buildApp(configWith({ REDIS_URL: 'redis://127.0.0.1:1' }));
    const [listener, address] = await listen(lonely);
    const headers = { authorization: BASIC, 'content-type': 'application/json' };
    const body = JSON.stringify({ email: 'doa@doa.market', password: 'x' });
    const refused = await fetch(`${address}/api/auth/login`, { method: 'POST', headers, body });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    const guest = await fetch(`${address}/api/auth/guest`, { method: 'POST', headers });
    expect(guest.status).toBe(201);
    const ready = await fetch(`${address}/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ checks: { redis: { status: 'down' } } });
    listener.close();
    listener.closeAllConnections();
    await lonely.close();
  });
});

describe('the keys', () => {
  it('are published without their private part', async () => {
    const response = await fetch(`${url}/.well-known/jwks.json`);
    expect(response.headers.get('cache-control')).toBe('public, max-age=60');
    const { keys } = (await response.json()) as { keys: object[] };
    expect(keys).toEqual([expect.not.objectContaining({ d: expect.anything() })]);
    expect(keys[0]).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' });
  });

  it('are in a file that nobody else can read, and stay the same after a restart', async () => {
    const path = join(folder, 'keys.json');
    expect((await stat(path)).mode & 0o077).toBe(0);
    const before = await readFile(path, 'utf8');
    await (await buildApp(configWith())).close();
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  it('are not made up in production', async () => {
    const config = configWith({
      NODE_ENV: 'production',
      JWT_KEYS_FILE: join(folder, 'none.json'),
      AUTH_BASIC_KEY: 'client:a-secret-of-its-own',
      PUBLIC_URL: 'https://doa.market',
      MAIL_URL: 'smtps://mail.doa.market',
      SERVICE_KEYS: 'member-server:another-secret-of-its-own',
      REFRESH_TOKEN_SECRET: 'a secret that no other installation has',
    });
    await expect(buildApp(config)).rejects.toThrow(/JWT_KEYS_FILE cannot be read/);
  });

  it('stop the start when the file holds something else', async () => {
    const path = join(folder, 'broken.json');
    await writeFile(path, '{"keys":[{"kty":"RSA"}]}');
    await expect(buildApp(configWith({ JWT_KEYS_FILE: path }))).rejects.toThrow();
  });
});

describe('the server', () => {
  it('answers a problem document to an unknown path and to an unknown method', async () => {
    expect(await (await fetch(`${url}/nowhere`)).json()).toMatchObject({ code: 'REQ_4040' });
    const response = await fetch(`${url}/api/auth/login`, { method: 'PUT' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toContain('POST');
  });

  it('documents every operation', async () => {
    const document = (await (await fetch(`${url}/docs/json`)).json()) as {
      paths: Record<string, Record<string, { operationId: string; responses: object }>>;
    };
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining(['getKeys', 'createGuestToken', 'login', 'refreshSession']));
    expect(document.paths['/api/auth/sessions/{sid}']?.['delete']).toMatchObject({
      parameters: [{ name: 'sid', in: 'path', required: true }],
      responses: { 204: {}, 404: {} },
    });
    expect((await fetch(`${url}/docs`)).headers.get('content-type')).toContain('text/html');
  });
});
