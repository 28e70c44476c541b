import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '@doa-market/common/config';
import type { App } from '@doa-market/common/server';
import { type Authority, startAuthority } from '@doa-market/common/testing';
import { redisUrl, type TemporaryDatabase, temporaryDatabase } from '@doa-market/scripts/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../src/app.ts';
import { ConfigSchema } from '../src/config.ts';
import { createDatabase, type Database } from '../src/database.ts';
import type { OrderStatus } from '../src/generated/prisma/enums.ts';

let store: TemporaryDatabase;
let database: Database;
let authority: Authority;
let app: App;

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
});
afterAll(async () => {
  await app.close();
  await database.$disconnect();
  await authority.close();
  await store.drop();
});

/** An order of one thing. */
async function order(status: OrderStatus, memberId = randomUUID(), createdAt = new Date()) {
  const productId = randomUUID();
  const item = { position: 0, skuId: randomUUID(), productId, title: '머그', quantity: 1, unitPrice: 8_000 };
  const data = { memberId, status, title: '머그', amount: 8_000, createdAt, items: { create: item } };
  await database.order.create({ data });
  return { memberId, productId };
}

async function ask(query: string, service = 'product-server', audience = 'queue-server') {
  const token = await authority.token('SERVICE', `service:${service}`, {
    claims: { aud: audience, sid: undefined },
  });
  return app.inject({
    url: `/internal/v1/purchases?${query}`,
    headers: { authorization: `Bearer ${token}` },
  });
}
const purchase = async (of: { memberId: string; productId: string }) =>
  (await ask(new URLSearchParams(of).toString())).json();

describe('whether a member has bought a product', () => {
  it('is so once they have paid for it', async () => {
    const createdAt = new Date('2026-03-01T00:00:00.000Z');
    const bought = await order('CONFIRMED', randomUUID(), createdAt);
    expect(await purchase(bought)).toEqual({ purchased: true, orderedAt: createdAt.toISOString() });
  });

  it.each(['HELD', 'PAYING', 'CANCELLED', 'EXPIRED', 'REFUNDED'] as const)(
    'is not so for an order that is %s',
    async (status) => {
      expect(await purchase(await order(status))).toEqual({ purchased: false, orderedAt: null });
    },
  );

  it('is so no more once it is to be given back', async () => {
    const bought = await order('CONFIRMED');
    const { id: orderId } = await database.order.findFirstOrThrow({ where: { memberId: bought.memberId } });
    const money = { amount: 8_000, captured: 8_000, expiresAt: new Date() };
    await database.payment.create({ data: { orderId, provider: 'sandbox', status: 'REFUNDING', ...money } });
    expect(await purchase(bought)).toEqual({ purchased: false, orderedAt: null });
    // Paid twice by mistake: one of the two goes back, and what was bought is kept.
    await database.payment.create({ data: { orderId, provider: 'sandbox', status: 'PAID', ...money } });
    expect(await purchase(bought)).toMatchObject({ purchased: true });
  });

  it('says nothing of other members, nor of other products', async () => {
    const mine = await order('CONFIRMED');
    const theirs = await order('CONFIRMED');
    expect(await purchase({ ...mine, productId: theirs.productId })).toMatchObject({ purchased: false });
  });

  it('is for product-server alone', async () => {
    const query = new URLSearchParams(await order('CONFIRMED')).toString();
    expect((await ask(query, 'member-server')).statusCode).toBe(403);
    const authorization = `Bearer ${await authority.token('ADMIN')}`;
    const url = `/internal/v1/purchases?${query}`;
    expect((await app.inject({ url, headers: { authorization } })).statusCode).toBe(403);
    expect((await app.inject({ url })).statusCode).toBe(401);
  });

  it('takes whole questions alone', async () => {
    expect((await ask('')).statusCode).toBe(422);
    expect((await ask(`memberId=${randomUUID()}&productId=mug`)).statusCode).toBe(422);
  });
});
