import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIdempotency } from '../src/idempotency/service.ts';
import { createPersonalData } from '../src/personal-data/index.ts';
import {
  type AuthServerCalls,
  asAuthServer,
  memberIdIn,
  newMember,
  patiently,
} from './support/registration.ts';
import { openShop, type Shop } from './support/shop.ts';

let shop: Shop;
let internal: AuthServerCalls;

beforeAll(async () => {
  shop = await openShop();
  internal = await asAuthServer(shop);
});
afterAll(() => shop.close());

const named = (key: string) => ({ 'x-idempotency-key': key });

describe('a write with an idempotency key', () => {
  it('is answered again as it was, and not done again', async () => {
    const [facts, key] = [newMember(), randomUUID()];
    const first = await internal.create(facts, named(key));
    const second = await internal.create(facts, named(key));
    expect(second).toMatchObject({ status: 201, body: first.body });
  });

  it('is done once however many ask for it at once', async () => {
    const [facts, key] = [newMember(), randomUUID()];
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => patiently(() => internal.create(facts, named(key)))),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(memberIdIn)).size).toBe(1);
  });

  it('is refused when the key belongs to another request', async () => {
    const key = randomUUID();
    await internal.create(newMember(), named(key));
    const answer = await internal.create(newMember(), named(key));
    expect(answer).toMatchObject({ status: 422, body: { code: 'IDEM_4220' } });
  });

  it('that failed leaves its key free for a better one', async () => {
    const [facts, key] = [newMember(), randomUUID()];
    await internal.create(facts);
    expect((await internal.create(facts, named(key))).status).toBe(409);
    expect((await internal.create(newMember(), named(key))).status).toBe(201);
  });

  it.each([
    ['a space', 'a b'],
    ['129 characters', 'x'.repeat(129)],
    ['nothing', ''],
    ['a quote', '"'],
  ])('is refused when the key is %s', async (_name, key) => {
    expect([400, 422]).toContain((await internal.create(newMember(), named(key))).status);
  });

  it('is forgotten after two days, and no sooner', async () => {
    const idempotency = createIdempotency(shop.database, createPersonalData(shop.config));
    const HOUR = 3_600_000;
    expect(await idempotency.sweep(new Date(Date.now() + 47 * HOUR))).toBe(0);
    const stored = await shop.database.idempotencyKey.count();
    expect(stored).toBeGreaterThan(0);
    expect(await idempotency.sweep(new Date(Date.now() + 49 * HOUR))).toBe(stored);
    expect(await shop.database.idempotencyKey.count()).toBe(0);
  });
});
