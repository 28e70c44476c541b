import { randomUUID } from 'node:crypto';
import { CatalogueEventSchema, type Hold, HoldSchema, ProblemSchema } from '@doa-market/common/contracts';
import type { Redis } from '@doa-market/common/redis';
import { Value } from 'typebox/value';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createInventory } from '../src/inventory/inventory.ts';
import { foldSales } from '../src/product/sales.ts';
import { openShop, redisFor, type Shop } from './support/shop.ts';
import type { Stock } from './support/stock.ts';

let shop: Shop;
let stock: Stock;
let redis: Redis;
let call: Shop['call'];

beforeAll(async () => {
  shop = await openShop();
  ({ stock, call } = shop);
  redis = await redisFor();
});
afterAll(async () => {
  redis.disconnect();
  await shop.close();
});
beforeEach(() => stock.database.outboxEvent.deleteMany());

interface Wanted {
  owner?: string;
  key?: string;
  ttl?: number;
}

const ask = (items: [string, number][], { owner = 'order:1', key = randomUUID(), ttl = 300 }: Wanted = {}) =>
  call('POST', '/holds', { owner, key, ttl, items: items.map(([skuId, quantity]) => ({ skuId, quantity })) });

async function hold(items: [string, number][], wanted?: Wanted): Promise<Hold> {
  const { status, body } = await ask(items, wanted);
  expect(status).toBe(201);
  return Value.Parse(HoldSchema, body);
}
const act = (verb: string, { id }: Hold, payload?: object) => call('POST', `/holds/${id}/${verb}`, payload);

async function events() {
  const rows = await stock.database.outboxEvent.findMany({ orderBy: { id: 'asc' } });
  return rows.map(({ eventType, aggregateId, payload }) => ({ eventType, aggregateId, payload }));
}

describe('a hold', () => {
  it('puts units by, at the price of the moment, for as long as it was asked to', async () => {
    const [a = '', b = ''] = await stock.skus(5, 5);
    const made = await hold([
      [b, 2],
      [a, 1],
    ]);
    expect(made).toMatchObject({ owner: 'order:1', state: 'HELD' });
    expect(made.items).toEqual([
      { skuId: a, quantity: 1, price: 1_000 },
      { skuId: b, quantity: 2, price: 1_000 },
    ]);
    const left = Date.parse(made.expiresAt) - Date.now();
    expect(left).toBeGreaterThan(290_000);
    expect(left).toBeLessThan(310_000);
    expect(await stock.of([a, b])).toEqual([
      [5, 1],
      [5, 2],
    ]);
  });

  it('adds up the lines of one SKU', async () => {
    const [a = ''] = await stock.skus(5);
    const { status, body } = await ask([
      [a, 3],
      [a, 3],
    ]);
    expect([status, body]).toMatchObject([409, { code: 'INV_4090', unavailable: [{ id: a, available: 5 }] }]);
    expect(
      (
        await hold([
          [a, 2],
          [a, 2],
        ])
      ).items,
    ).toEqual([{ skuId: a, quantity: 4, price: 1_000 }]);
  });

  it('is all of it or nothing, and names exactly what is short', async () => {
    const [a = '', b = '', c = ''] = await stock.skus(5, 1, 0);
    const unknown = randomUUID();
    const { status, body } = await ask([
      [a, 5],
      [b, 2],
      [c, 1],
      [unknown, 1],
    ]);
    expect(status).toBe(409);
    const short = Value.Parse(ProblemSchema, body).unavailable;
    expect(short).toHaveLength(3);
    expect(short).toEqual(
      expect.arrayContaining([
        { id: b, available: 1 },
        { id: c, available: 0 },
        { id: unknown, available: 0 },
      ]),
    );
    expect(await stock.of([a, b, c])).toEqual([
      [5, 0],
      [1, 0],
      [0, 0],
    ]);
    expect(await events()).toEqual([]);
  });

  it('is the same one when it is asked for again, and never of something else', async () => {
    const [a = ''] = await stock.skus(5);
    const wanted = { owner: 'order:2', key: 'checkout-1' };
    const made = await hold([[a, 2]], wanted);
    expect(
      await hold(
        [
          [a, 1],
          [a, 1],
        ],
        wanted,
      ),
    ).toEqual(made);
    expect(await ask([[a, 3]], wanted)).toMatchObject({ status: 422, body: { code: 'IDEM_4220' } });
    expect((await hold([[a, 2]], { ...wanted, owner: 'order:3' })).id).not.toBe(made.id);
    expect(await stock.of([a])).toEqual([[5, 4]]);
  });

  it('is made once by many that ask at once under one name', async () => {
    const [a = ''] = await stock.skus(50);
    const made = await Promise.all(
      Array.from({ length: 12 }, () => hold([[a, 2]], { owner: 'order:4', key: 'same' })),
    );
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(await stock.of([a])).toEqual([[50, 2]]);
  });

  it.each(['DRAFT', 'HIDDEN', 'OUT_OF_STOCK'] as const)(
    'is not made of a product that is %s',
    async (status) => {
      const [a = ''] = await stock.skus(5);
      await stock.database.product.updateMany({ where: { skus: { some: { id: a } } }, data: { status } });
      expect(await ask([[a, 1]])).toMatchObject({
        status: 409,
        body: { unavailable: [{ id: a, available: 0 }] },
      });
    },
  );
});

describe('a hold that is confirmed', () => {
  it('is sold once, however often that is said', async () => {
    const [a = ''] = await stock.skus(5);
    const made = await hold([[a, 2]]);
    const answers = await Promise.all(Array.from({ length: 6 }, () => act('confirm', made)));
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, body: { state: 'CONFIRMED' } });
    expect(await stock.of([a])).toEqual([[3, 0]]);
  });

  it('cannot be released, and stays what it is when it is extended', async () => {
    const [a = ''] = await stock.skus(5);
    const made = await hold([[a, 2]]);
    await act('confirm', made);
    expect(await act('release', made)).toMatchObject({ status: 409, body: { code: 'INV_4092' } });
    expect(await act('extend', made, { ttl: 60 })).toMatchObject({
      status: 200,
      body: { state: 'CONFIRMED' },
    });
    expect(await stock.of([a])).toEqual([[3, 0]]);
  });
});

describe('a hold that is released', () => {
  it('is given back once, and is over', async () => {
    const [a = ''] = await stock.skus(5);
    const made = await hold([[a, 2]]);
    const answers = await Promise.all(Array.from({ length: 6 }, () => act('release', made)));
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, body: { state: 'RELEASED' } });
    expect(await stock.of([a])).toEqual([[5, 0]]);
    expect(await act('confirm', made)).toMatchObject({ status: 409, body: { code: 'INV_4091' } });
    expect(await act('extend', made, { ttl: 60 })).toMatchObject({ status: 409, body: { code: 'INV_4091' } });
  });
});

describe('a hold that is returned', () => {
  it('was sold, and is to be had again once, however often that is said', async () => {
    const [a = '', b = ''] = await stock.skus(5, 5);
    const made = await hold([
      [a, 2],
      [b, 1],
    ]);
    await act('confirm', made);
    const answers = await Promise.all(Array.from({ length: 6 }, () => act('return', made)));
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, body: { state: 'RETURNED' } });
    expect(await stock.of([a, b])).toEqual([
      [5, 0],
      [5, 0],
    ]);
    for (const [verb, payload] of [['confirm'], ['release'], ['extend', { ttl: 60 }]] as const) {
      expect(await act(verb, made, payload)).toMatchObject({ status: 409, body: { code: 'INV_4091' } });
    }
  });

  it.each(['HELD', 'RELEASED', 'EXPIRED'])('is none that is %s', async (state) => {
    const [a = ''] = await stock.skus(5);
    const made = await hold([[a, 2]]);
    if (state === 'RELEASED') await act('release', made);
    if (state === 'EXPIRED') {
      await stock.pass(301);
      await createInventory(stock.database, redis).sweep();
    }
    const before = await stock.of([a]);
    expect(await act('return', made)).toMatchObject({ status: 409, body: { code: 'INV_4091' } });
    expect(await call('GET', `/holds/${made.id}`)).toMatchObject({ body: { state } });
    expect(await stock.of([a])).toEqual(before);
  });
});

describe('what a product has sold', () => {
  const salesOf = async (skuId: string) => {
    await foldSales(stock.database);
    const product = await stock.database.product.findFirst({ where: { skus: { some: { id: skuId } } } });
    return product?.salesCount;
  };

  it('is what was confirmed of it and did not come back', async () => {
    const [a = '', b = ''] = await stock.skus(5, 5);
    const made = await hold([
      [a, 2],
      [b, 3],
    ]);
    await act('confirm', made);
    await act('confirm', made);
    await vi.waitFor(async () => expect(await salesOf(a)).toBe(5));
    await act('confirm', await hold([[a, 1]]));
    await act('return', made);
    await vi.waitFor(async () => expect(await salesOf(a)).toBe(1));
  });
});

describe('holds that are over', () => {
  it('are forgotten after a month, and what was sold is not', async () => {
    const [a = ''] = await stock.skus(5);
    const [released, sold, returned, held] = await Promise.all(
      [1, 1, 1, 1].map((units) => hold([[a, units]])),
    );
    for (const it of [sold, returned]) if (it) await act('confirm', it);
    if (released) await act('release', released);
    if (returned) await act('return', returned);
    const { forget } = createInventory(stock.database, redis);
    expect(await forget()).toBe(0);
    await stock.database.$executeRaw`UPDATE holds SET settled_at = settled_at - interval '31 days'`;
    for (let forgotten = 1; forgotten > 0; ) forgotten = await forget();
    const left = await Promise.all(
      [released, sold, returned, held].map((it) => call('GET', `/holds/${it?.id}`)),
    );
    expect(left.map(({ status }) => status)).toEqual([404, 200, 404, 200]);
    expect(await stock.of([a])).toEqual([[4, 1]]);
  });
});

describe('a hold whose time is over', () => {
  const sweepAll = async () => {
    const { sweep } = createInventory(stock.database, redis);
    for (let swept = 1; swept > 0; ) swept = await sweep();
  };

  it('is taken back by whoever comes next and needs it', async () => {
    const [a = ''] = await stock.skus(5);
    const made = await hold([[a, 5]]);
    await stock.pass(301);
    await hold([[a, 4]]);
    expect(await call('GET', `/holds/${made.id}`)).toMatchObject({ body: { state: 'EXPIRED' } });
    expect(await stock.of([a])).toEqual([[5, 4]]);
  });

  it('is taken back by the server itself when nobody comes', async () => {
    const [a = ''] = await stock.skus(5);
    await hold([[a, 5]], { ttl: 1 });
    await vi.waitFor(async () => expect(await stock.of([a])).toEqual([[5, 0]]), 5_000);
  });

  it('is still sold when it is confirmed before anybody else wants it', async () => {
    const [a = ''] = await stock.skus(5);
    const made = await hold([[a, 5]]);
    await stock.pass(301);
    expect(await act('confirm', made)).toMatchObject({ status: 200, body: { state: 'CONFIRMED' } });
    expect(await stock.of([a])).toEqual([[0, 0]]);
  });

  it('is sold all the same when all of it is still there', async () => {
    const [a = ''] = await stock.skus(5);
    const made = await hold([[a, 3]]);
    await stock.pass(301);
    await sweepAll();
    await hold([[a, 2]]);
    expect(await act('confirm', made)).toMatchObject({ status: 200, body: { state: 'CONFIRMED' } });
    expect(await stock.of([a])).toEqual([[2, 2]]);
  });

  it('is refused with exactly what is gone, and nothing of it is sold', async () => {
    const [a = '', b = ''] = await stock.skus(5, 5);
    const made = await hold([
      [a, 3],
      [b, 3],
    ]);
    await stock.pass(301);
    await sweepAll();
    await hold([[b, 4]]);
    for (let repeated = 0; repeated < 2; repeated += 1) {
      const answer = await act('confirm', made);
      expect(answer).toMatchObject({ status: 409, body: { code: 'INV_4090' } });
      expect(Value.Parse(ProblemSchema, answer.body).unavailable).toEqual([{ id: b, available: 1 }]);
    }
    expect(await stock.of([a, b])).toEqual([
      [5, 0],
      [5, 4],
    ]);
  });

  it('is not sold any more once its owner gave it up', async () => {
    const [a = ''] = await stock.skus(5);
    const made = await hold([[a, 3]]);
    await stock.pass(301);
    await sweepAll();
    expect(await act('release', made)).toMatchObject({ status: 200, body: { state: 'RELEASED' } });
    expect(await act('confirm', made)).toMatchObject({ status: 409, body: { code: 'INV_4091' } });
  });

  it('cannot be extended once it was taken back', async () => {
    const [a = ''] = await stock.skus(5);
    const made = await hold([[a, 3]]);
    await stock.pass(301);
    await sweepAll();
    expect(await act('extend', made, { ttl: 60 })).toMatchObject({ status: 409, body: { code: 'INV_4091' } });
  });
});

describe('time', () => {
  afterEach(() => vi.useRealTimers());

  it("is the database's: a server whose clock has jumped takes nothing back early", async () => {
    const [a = ''] = await stock.skus(5);
    const made = await hold([[a, 3]]);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    const { sweep } = createInventory(stock.database, redis);
    await sweep();
    vi.useRealTimers();
    expect(await call('GET', `/holds/${made.id}`)).toMatchObject({ body: { state: 'HELD' } });
  });

  it('is only ever added to a hold', async () => {
    const [a = ''] = await stock.skus(5);
    const made = await hold([[a, 3]], { ttl: 300 });
    expect(await act('extend', made, { ttl: 10 })).toMatchObject({ body: { expiresAt: made.expiresAt } });
    const { body } = await act('extend', made, { ttl: 600 });
    const longer = Value.Parse(HoldSchema, body);
    expect(Date.parse(longer.expiresAt) - Date.parse(made.expiresAt)).toBeGreaterThan(290_000);
  });
});

describe('what the others are told', () => {
  it('is one event for each product of which other units can be had, and none when they are sold', async () => {
    const [a = '', b = ''] = await stock.skus(5, 5);
    const [c = ''] = await stock.skus(5);
    const products = await stock.database.product.findMany({
      where: { skus: { some: { id: { in: [a, c] } } } },
    });
    const changes = products.map(({ id, slug }) => ({
      eventType: 'product.changed',
      aggregateId: id,
      payload: { slug, categorySlugs: ['living'], aspects: ['stock'] },
    }));
    const made = await hold([
      [a, 1],
      [b, 1],
      [c, 1],
    ]);
    const told = await events();
    expect(told).toHaveLength(2);
    expect(told).toEqual(expect.arrayContaining(changes));
    await act('confirm', made);
    expect(await events()).toHaveLength(2);
    await act('release', await hold([[c, 1]]));
    expect(await events()).toHaveLength(4);
    await act('return', made);
    expect((await events()).slice(4)).toEqual(told);
  });

  it('is what the contract says', async () => {
    const [a = ''] = await stock.skus(5);
    await hold([[a, 1]]);
    const [row] = await stock.database.outboxEvent.findMany();
    const { id, occurredAt, ...event } = row ?? expect.fail('no event');
    expect(
      Value.Check(CatalogueEventSchema, { ...event, eventId: id, occurredAt: occurredAt.toISOString() }),
    ).toBe(true);
  });
});

describe('the routes', () => {
  it('are for queue-server alone', async () => {
    const path = `/holds/${randomUUID()}`;
    expect((await call('GET', path)).status).toBe(404);
    for (const bearer of [await shop.serviceToken('bff-server'), await shop.authority.token('ADMIN')]) {
      expect((await call('GET', path, undefined, bearer)).status).toBe(403);
    }
    expect((await shop.app.inject(`/internal/v1${path}`)).statusCode).toBe(401);
  });

  const items = [{ skuId: randomUUID(), quantity: 1 }];
  const valid = { owner: 'order:1', key: 'a', ttl: 300, items };
  it.each([
    ['no items', { ...valid, items: [] }],
    ['too many items', { ...valid, items: Array.from({ length: 101 }, () => items[0]) }],
    ['nothing of an item', { ...valid, items: [{ ...items[0], quantity: 0 }] }],
    ['less than nothing', { ...valid, items: [{ ...items[0], quantity: -1 }] }],
    ['half an item', { ...valid, items: [{ ...items[0], quantity: 0.5 }] }],
    ['a price', { ...valid, items: [{ ...items[0], price: 1 }] }],
    ['no owner', { ...valid, owner: '' }],
    ['an endless owner', { ...valid, owner: 'x'.repeat(101) }],
    ['no key', { ...valid, key: undefined }],
    ['no time', { ...valid, ttl: 0 }],
    ['too much time', { ...valid, ttl: 3_601 }],
    ['something unknown', { ...valid, state: 'CONFIRMED' }],
  ])('refuse %s', async (_name, body) => {
    expect((await call('POST', '/holds', body)).status).toBe(422);
  });

  it('know no hold that was never made', async () => {
    const nowhere = { id: randomUUID() };
    for (const verb of ['confirm', 'release', 'return']) {
      expect((await call('POST', `/holds/${nowhere.id}/${verb}`)).status).toBe(404);
    }
    expect((await call('POST', `/holds/${nowhere.id}/extend`, { ttl: 1 })).status).toBe(404);
  });
});
