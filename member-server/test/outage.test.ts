import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '@doa-market/common/testing';
import { migrate } from '@doa-market/scripts/migrate';
import { type Postgres, startPostgres } from '@doa-market/scripts/postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AuthServerCalls, asAuthServer, newMember } from './support/registration.ts';
import { openShop, type Shop } from './support/shop.ts';

const MIGRATIONS = fileURLToPath(new URL('../prisma/migrations', import.meta.url));

let directory: string;
let postgres: Postgres;
let shop: Shop;
let internal: AuthServerCalls;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'doa-outage-'));
  await chmod(directory, 0o711);
  postgres = await startPostgres({ dataDir: join(directory, 'postgres') });
  await migrate(postgres.url(), MIGRATIONS);
  shop = await openShop({ DATABASE_URL: postgres.url() });
  internal = await asAuthServer(shop);
});
afterAll(async () => {
  await shop.close();
  await postgres.stop();
  await rm(directory, { recursive: true });
});

describe('without PostgreSQL', () => {
  it('every answer is 503 and says when to come back, until it is there again', async () => {
    const id = await internal.register();
    const token = await shop.authority.token('MEMBER', id);
    const admin = await shop.authority.token('ADMIN');
    const me = () => shop.call('GET', '/api/members/me', { token });
    expect((await me()).status).toBe(200);

    const { port } = new URL(postgres.url());
    await postgres.stop();
    const answers = await Promise.all([
      me(),
      shop.call('PATCH', '/api/members/me', { token, body: { name: 'x' }, headers: { 'if-match': '*' } }),
      shop.call('DELETE', '/api/members/me', { token }),
      shop.call('GET', '/api/members/me/agreements', { token }),
      shop.call('GET', '/api/members', { token: admin }),
      shop.call('GET', `/api/members/${id}`, { token: admin }),
      internal.create(newMember(), { 'x-idempotency-key': 'outage-1' }),
      internal.byId(id),
      internal.byEmail('x@doa.market'),
      internal.byIdentity('kakao', 'x'),
      internal.put(id, 'password', { expected: null, passwordHash: 'x' }),
    ]);
    for (const { status, headers, body } of answers) {
      expect(status).toBe(503);
      expect(headers.get('retry-after')).toBe('1');
      expect(body).toMatchObject({ code: 'SYS_5003' });
      expect(JSON.stringify(body)).not.toMatch(/127\.0\.0\.1|prisma|database/i);
    }
    expect((await shop.call('GET', '/ready')).status).toBe(503);
    expect((await shop.call('GET', '/health')).status).toBe(200);

    postgres = await startPostgres({ dataDir: join(directory, 'postgres'), port: Number(port) });
    await until(async () => (await me()).status === 200, 'the return of PostgreSQL');
    expect((await internal.create(newMember(), { 'x-idempotency-key': 'outage-1' })).status).toBe(201);
  });
});

describe('while all connections to PostgreSQL are busy', () => {
  it('further requests are 503 within seconds, and the others are answered when it goes on', async () => {
    const id = await internal.register();
    const token = await shop.authority.token('MEMBER', id);
    const statuses: number[] = [];
    const ask = async () => statuses.push((await shop.call('GET', '/api/members/me', { token })).status);
    let asked: Promise<unknown> = Promise.resolve();
    await shop.database.$transaction(
      async (tx) => {
        await tx.$executeRaw`LOCK TABLE members IN ACCESS EXCLUSIVE MODE`;
        asked = Promise.all(Array.from({ length: 30 }, ask));
        await until(() => statuses.length === 20, 'the refusal of those that are too many');
        expect(new Set(statuses)).toEqual(new Set([503]));
      },
      { timeout: 10_000 },
    );
    await asked;
    expect(statuses.slice(20)).toEqual(Array(10).fill(200));
  });
});
