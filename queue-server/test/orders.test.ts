import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@doa-market/common/config';
import type { Readiness } from '@doa-market/common/contracts';
import type { App } from '@doa-market/common/server';
import { type Authority, endSession, startAuthority } from '@doa-market/common/testing';
import { redisUrl, type TemporaryDatabase, temporaryDatabase } from '@doa-market/scripts/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildApp } from '../src/app.ts';
import { ConfigSchema } from '../src/config.ts';
import { createDatabase, type Database } from '../src/database.ts';
import type { OrderStatus } from '../src/generated/prisma/enums.ts';

let store: TemporaryDatabase;
let database: Database;
let authority: Authority;
let app: App;
const buyer = randomUUID();

beforeAll(async () => {
  store = await temporaryDatabase(fileURLToPath(new URL('../prisma/migrations', import.meta.url)));
  database = createDatabase(store.url);
  authority = await startAuthority();
  app = await buildApp(
    loadConfig(ConfigSchema, {
      LOG_LEVEL: 'silent',
      DATABASE_URL: store.url,
      REDIS_URL: redisUrl(),
      AUTH_SERVICE_URL: authority.url,
    }),
  );
  const statuses: OrderStatus[] = ['HELD', 'PAYING', 'CONFIRMED'];
  for (const [day, status] of statuses.entries()) {
    const createdAt = new Date(Date.UTC(2026, 0, 1 + day));
    await database.order.create({
      data: { memberId: buyer, status, title: status, amount: 1_000, createdAt },
    });
  }
  await database.order.create({
    data: { memberId: randomUUID(), status: 'CONFIRMED', title: "somebody else's", amount: 1_000 },
  });
});
afterAll(async () => {
  await app.close();
  await database.$disconnect();
  await authority.close();
  await store.drop();
});

const orders = async (role: string, subject: string, query = '') => {
  const authorization = `Bearer ${await authority.token(role, subject)}`;
  return app.inject({ url: `/api/orders${query}`, headers: { authorization } });
};

describe("a member's orders", () => {
  it('are their own alone, newest first, and being paid shows as pending', async () => {
    const response = await orders('MEMBER', buyer);
    expect(response.json()).toMatchObject({
      data: [
        { title: 'CONFIRMED', status: 'CONFIRMED' },
        { title: 'PAYING', status: 'PENDING' },
        { title: 'HELD', status: 'PENDING' },
      ],
      meta: { page: 1, limit: 20, total: 3, totalPages: 1 },
    });
    expect(response.headers['cache-control']).toBe('private, no-store');
  });

  it('come in pages', async () => {
    const response = await orders('MEMBER', buyer, '?limit=1&page=3');
    expect(response.json()).toMatchObject({ data: [{ title: 'HELD' }], meta: { totalPages: 3 } });
  });

  it('are none for a new member', async () => {
    expect((await orders('MEMBER', randomUUID())).json()).toMatchObject({ data: [], meta: { total: 0 } });
  });

  it('are not for guests, nor for nobody', async () => {
    expect((await orders('GUEST', buyer)).statusCode).toBe(403);
    expect((await app.inject('/api/orders')).statusCode).toBe(401);
  });
});

describe('a session that was ended', () => {
  it('opens nothing any more, although its access token has not expired', async () => {
    const sid = randomUUID();
    await endSession(redisUrl(), sid);
    const token = await authority.token('MEMBER', randomUUID(), { claims: { sid } });
    const headers = { authorization: `Bearer ${token}` };
    await vi.waitFor(async () => {
      const response = await app.inject({ url: '/api/orders', headers });
      expect(response.statusCode).toBe(401);
      expect(response.json()).toMatchObject({ code: 'AUTH_1005' });
    });
  });

  it('is looked up without making Redis a condition of serving', async () => {
    const { checks } = (await app.inject('/ready')).json<Readiness>();
    expect(checks['redis']).toEqual({ status: 'up', required: false });
  });
});
