import { randomBytes, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { EnvelopeError } from '@doa-market/common/personal-data';
import { type TemporaryDatabase, temporaryDatabase } from '@doa-market/scripts/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type Database } from '../src/database.ts';
import { createDeliveries } from '../src/delivery/deliveries.ts';
import { rotateDeliveries } from '../src/delivery/rotation.ts';

let store: TemporaryDatabase;
let database: Database;
beforeAll(async () => {
  store = await temporaryDatabase(fileURLToPath(new URL('../prisma/migrations', import.meta.url)));
  database = createDatabase(store.url);
});
afterAll(async () => {
  await database.$disconnect();
  await store.drop();
});

const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const [OLD, NEW] = [key('old'), key('new')];
const ADDRESS = {
  ...{ recipient: '김도아', phone: '01012345678', postcode: '06236' },
  ...{ roadAddress: '서울특별시 강남구 테헤란로 152', detail: '101동 1203호' },
};

describe('where orders go', () => {
  it('is encrypted anew when the key changes, after which the old key is needed no more', async () => {
    const before = createDeliveries({ PII_KEYS: OLD });
    const ids = Array.from({ length: 3 }, () => randomUUID());
    const order = { memberId: randomUUID(), status: 'CONFIRMED' as const, title: '머그', amount: 1_000 };
    for (const id of ids) {
      await database.order.create({ data: { ...order, id, delivery: before.seal(id, ADDRESS) } });
    }
    await database.order.create({ data: order });

    const both = createDeliveries({ PII_KEYS: `${NEW},${OLD}` });
    expect(await rotateDeliveries(database, both)).toBe(3);
    expect(await rotateDeliveries(database, both)).toBe(0);
    const after = createDeliveries({ PII_KEYS: NEW });
    for (const id of ids) {
      const { delivery } = await database.order.findUniqueOrThrow({ where: { id } });
      expect(after.open(id, delivery ?? '')).toEqual(ADDRESS);
      expect(() => before.open(id, delivery ?? '')).toThrow(EnvelopeError);
    }
  });
});
