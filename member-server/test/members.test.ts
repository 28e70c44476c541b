import { fileURLToPath } from 'node:url';
import { loadConfig } from '@doa-market/common/config';
import type { App } from '@doa-market/common/server';
import { type Authority, startAuthority } from '@doa-market/common/testing';
import { type TemporaryDatabase, temporaryDatabase } from '@doa-market/scripts/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../src/app.ts';
import { ConfigSchema } from '../src/config.ts';
import { createDatabase, type Database } from '../src/database.ts';
import { createMemberRepository } from '../src/member/repository.ts';
import { createPersonalData } from '../src/personal-data/index.ts';

let store: TemporaryDatabase;
let database: Database;
let authority: Authority;
let app: App;
let memberId: string;

beforeAll(async () => {
  store = await temporaryDatabase(fileURLToPath(new URL('../prisma/migrations', import.meta.url)));
  database = createDatabase(store.url);
  authority = await startAuthority();
  app = await buildApp(
    loadConfig(ConfigSchema, {
      LOG_LEVEL: 'silent',
      DATABASE_URL: store.url,
      AUTH_SERVICE_URL: authority.url,
    }),
  );
  const members = createMemberRepository(database, createPersonalData(loadConfig(ConfigSchema, {})));
  const facts = { email: 'doa@doa.market', name: '김도아', passwordHash: '$argon2id$stored' };
  memberId = (await members.create({ ...facts, emailVerified: true })).id;
});
afterAll(async () => {
  await app.close();
  await database.$disconnect();
  await authority.close();
  await store.drop();
});

const me = (token: string) =>
  app.inject({ url: '/api/members/me', headers: { authorization: `Bearer ${token}` } });

describe('a member', () => {
  it('reads their own record, and their password hash is not in it', async () => {
    const response = await me(await authority.token('MEMBER', memberId));
    expect(response.json()).toEqual({
      ...{ id: memberId, email: 'doa@doa.market', name: '김도아', role: 'MEMBER' },
      ...{ phone: null, emailVerified: true, certification: null },
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect(response.headers['cache-control']).toBe('private, no-store');
  });

  it('does not exist for a token that has outlived it', async () => {
    const response = await me(await authority.token('MEMBER', '01980000-0000-7000-8000-000000000000'));
    expect(response.statusCode).toBe(404);
  });

  it('is no guest', async () => {
    expect((await me(await authority.token('GUEST', memberId))).statusCode).toBe(403);
  });
});

describe('credentials', () => {
  const ask = (token: string, email: string) =>
    app.inject({
      method: 'POST',
      url: '/internal/credentials',
      headers: { authorization: `Bearer ${token}` },
      payload: { email },
    });
  const serviceToken = (aud = 'member-server') =>
    authority.token('SERVICE', 'service:auth-server', { claims: { aud } });

  it('are given to a service, whatever the case of the address', async () => {
    const response = await ask(await serviceToken(), 'DOA@doa.market');
    expect(response.json()).toEqual({
      ...{ memberId, role: 'MEMBER', email: 'doa@doa.market', name: '김도아' },
      ...{ passwordHash: '$argon2id$stored', emailVerified: true },
    });
  });

  it('are 404 for an address that nobody has', async () => {
    expect((await ask(await serviceToken(), 'nobody@doa.market')).statusCode).toBe(404);
  });

  it.each([
    ['an administrator', () => authority.token('ADMIN'), 403],
    ['a service token for another server', () => serviceToken('product-server'), 401],
    ['a user token that claims to be a service', () => serviceToken('doa-market'), 403],
  ])('are not given to %s', async (_name, token, status) => {
    expect((await ask(await token(), 'doa@doa.market')).statusCode).toBe(status);
  });
});

describe('the database itself', () => {
  it('refuses what is not encrypted', async () => {
    const data = { email: 'x@doa.market', name: 'x', emailIndex: 'x', nameIndex: 'x' };
    await expect(database.member.create({ data })).rejects.toThrow(/members_encrypted_check/);
  });
});
