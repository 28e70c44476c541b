import { randomUUID } from 'node:crypto';
import { createRedis, type Redis } from '@doa-market/common/redis';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCartStore } from '../src/cart/store.ts';
import { eraseDeparted } from '../src/erasure/sweeper.ts';
import { type RunningCatalogue, startCatalogue } from './support/catalogue.ts';
import { openShop, type Shop } from './support/shop.ts';
import { cartIn, linesIn, shopper as shopperOf } from './support/shopper.ts';

let catalogue: RunningCatalogue;
let shop: Shop;
let redis: Redis;

beforeAll(async () => {
  catalogue = await startCatalogue();
  shop = await openShop(catalogue.env);
  redis = createRedis(shop.env.REDIS_URL, { name: 'test', logger: pino({ level: 'silent' }) });
  await redis.connect();
});
afterAll(async () => {
  redis.disconnect();
  await shop.close();
  await catalogue.close();
});

const shopper = (role?: string) => shopperOf(shop, role);

describe('a cart', () => {
  it('is empty at first', async () => {
    const answer = await (await shopper()).cart();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('etag')).toBe('"0"');
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
    expect(answer.body).toEqual({ lines: [], totals: { quantity: 0, amount: 0 }, degraded: false });
  });

  it('says of its lines what they are and cost, the latest first', async () => {
    const [lamp, cup] = [await catalogue.sell(5, 30_000), await catalogue.sell(9, 8_000)];
    const { add, cart } = await shopper();
    await add(lamp.skuId, 1);
    const answer = await add(cup.skuId, 2);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      lines: [
        {
          skuId: cup.skuId,
          quantity: 2,
          status: 'AVAILABLE',
          amount: 16_000,
          offer: { price: 8_000, stock: 9, values: ['모래'], options: ['색상'] },
        },
        {
          skuId: lamp.skuId,
          quantity: 1,
          amount: 30_000,
          offer: { product: { id: lamp.productId, image: { width: 960 } } },
        },
      ],
      totals: { quantity: 3, amount: 46_000 },
      degraded: false,
    });
    const read = await cart();
    expect(cartIn(read)).toEqual(answer.body);
    expect(read.headers.get('etag')).toBe(answer.headers.get('etag'));
  });

  it('is for guests and for members, and is nobody else\u2019s', async () => {
    const { skuId } = await catalogue.sell(5);
    const guest = await shopper('GUEST');
    const member = await shopper('MEMBER');
    await guest.add(skuId, 1);
    await member.add(skuId, 2);
    expect(linesIn(await guest.cart())).toEqual({ [skuId]: 1 });
    expect(linesIn(await member.cart())).toEqual({ [skuId]: 2 });
    expect(linesIn(await (await shopper('MEMBER')).cart())).toEqual({});
  });

  it('adds to a line that is there, sets it, and loses it', async () => {
    const { skuId } = await catalogue.sell(50);
    const { add, set, remove, clear, cart } = await shopper();
    await add(skuId, 2);
    expect(linesIn(await add(skuId, 3))).toEqual({ [skuId]: 5 });
    expect(linesIn(await set(skuId, 1))).toEqual({ [skuId]: 1 });
    expect(linesIn(await remove(skuId))).toEqual({});
    await add(skuId, 2);
    expect((await clear()).status).toBe(204);
    expect(linesIn(await cart())).toEqual({});
  });

  it('takes a removal again as done, and does not set what is not there', async () => {
    const { skuId } = await catalogue.sell(5);
    const { add, set, remove } = await shopper();
    await add(skuId, 1);
    const removed = await remove(skuId);
    const again = await remove(skuId);
    expect(again.status).toBe(200);
    expect(again.headers.get('etag')).toBe(removed.headers.get('etag'));
    expect((await set(skuId, 1)).status).toBe(404);
  });

  it('counts every one of 50 additions at the same time', async () => {
    const { skuId } = await catalogue.sell(500);
    const { add, cart } = await shopper();
    const answers = await Promise.all(Array.from({ length: 50 }, () => add(skuId, 1)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ headers }) => headers.get('etag'))).size).toBe(50);
    expect(linesIn(await cart())).toEqual({ [skuId]: 50 });
  });

  it('counts 20 additions under one key once', async () => {
    const { skuId } = await catalogue.sell(500);
    const { add, cart } = await shopper();
    const key = { 'x-idempotency-key': randomUUID() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => add(skuId, 2, key)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(linesIn(await cart())).toEqual({ [skuId]: 2 });
    const other = await add(skuId, 3, key);
    expect([other.status, other.body]).toMatchObject([422, { code: 'IDEM_4220' }]);
    expect((await add(skuId, 1, { 'x-idempotency-key': 'two words' })).status).toBe(400);
    const stranger = await shopper();
    expect(linesIn(await stranger.add(skuId, 3, key))).toEqual({ [skuId]: 3 });
  });

  it('holds 99 of one thing at most', async () => {
    const { skuId } = await catalogue.sell(500);
    const { add, set, cart } = await shopper();
    await add(skuId, 98);
    const refused = await add(skuId, 2);
    expect([refused.status, refused.body]).toMatchObject([409, { code: 'REQ_4090' }]);
    expect((await set(skuId, 100)).status).toBe(422);
    expect(linesIn(await cart())).toEqual({ [skuId]: 98 });
    expect((await add(skuId, 1)).status).toBe(200);
  });

  it('holds 100 different things at most, also when two are added at the same time', async () => {
    const { skuId } = await catalogue.sell(5);
    const others = [await catalogue.sell(5), await catalogue.sell(5)];
    const { id, add, cart } = await shopper();
    await redis.hset(
      `cart:{${id}}`,
      Object.fromEntries(Array.from({ length: 99 }, () => [randomUUID(), '1:1'])),
    );
    const answers = await Promise.all(others.map((it) => add(it.skuId, 1)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await add(skuId, 1)).status).toBe(409);
    expect(cartIn(await cart()).lines).toHaveLength(100);
  });

  it('takes no more than are left, and lets go of what is too much', async () => {
    const { skuId } = await catalogue.sell(7);
    const { add, set, cart } = await shopper();
    await add(skuId, 6);
    expect((await add(skuId, 2)).body).toMatchObject({ status: 409, detail: expect.stringContaining('7') });
    await catalogue.stock(skuId, 3);
    expect(cartIn(await cart())).toMatchObject({
      lines: [{ status: 'SHORT', quantity: 6, amount: 60_000, offer: { stock: 3 } }],
    });
    expect((await set(skuId, 7)).status).toBe(409);
    expect((await set(skuId, 5)).status).toBe(200);
  });

  it('says what has sold out and what is gone, and does not count it', async () => {
    const [sold, gone, kept] = [await catalogue.sell(5), await catalogue.sell(5), await catalogue.sell(5)];
    const { add, set, remove, cart } = await shopper();
    for (const { skuId } of [sold, gone, kept]) await add(skuId, 2);
    await catalogue.stock(sold.skuId, 0);
    await catalogue.hide(gone.productId);
    expect(cartIn(await cart())).toMatchObject({
      lines: [
        { skuId: kept.skuId, status: 'AVAILABLE', amount: 20_000 },
        { skuId: gone.skuId, status: 'GONE', offer: null, amount: null },
        { skuId: sold.skuId, status: 'SOLD_OUT', offer: { stock: 0 }, amount: null },
      ],
      totals: { quantity: 6, amount: 20_000 },
    });
    expect((await add(sold.skuId, 1)).status).toBe(409);
    expect((await add(gone.skuId, 1)).status).toBe(422);
    expect((await set(gone.skuId, 1)).status).toBe(200);
    expect((await remove(gone.skuId)).status).toBe(200);
  });

  it('takes nothing that is not sold', async () => {
    const { add, cart } = await shopper();
    const answer = await add(randomUUID(), 1);
    expect([answer.status, answer.body]).toMatchObject([422, { errors: [{ field: 'skuId' }] }]);
    expect((await cart()).headers.get('etag')).toBe('"0"');
  });

  it('is kept for 30 days for a guest, for 180 for a member, and looking at it prolongs it', async () => {
    const { skuId } = await catalogue.sell(5);
    for (const [role, days] of [
      ['GUEST', 30],
      ['MEMBER', 180],
    ] as const) {
      const { id, add, cart } = await shopper(role);
      await add(skuId, 1);
      expect(await redis.ttl(`cart:{${id}}`)).toBeGreaterThan(days * 86_400 - 60);
      await redis.expire(`cart:{${id}}`, 60);
      await cart();
      expect(await redis.ttl(`cart:{${id}}`)).toBeGreaterThan(days * 86_400 - 60);
    }
  });
});

describe('the cart of a member who has left', () => {
  const departed = async () => {
    const id = await shop.member();
    const { add, send } = await shopperOf(shop, 'MEMBER', id);
    await add((await catalogue.sell(5)).skuId, 1);
    expect((await send('DELETE', '/api/members/me')).status).toBe(204);
    return id;
  };
  const later = new Date(Date.now() + 31 * 86_400_000);
  const isErased = async (id: string) =>
    (await shop.database.member.findUniqueOrThrow({ where: { id } })).erasedAt !== null;

  it('goes when they are erased', async () => {
    const id = await departed();
    expect(await redis.exists(`cart:{${id}}`)).toBe(1);
    await eraseDeparted(shop.database, later, createCartStore(redis).forget);
    expect(await redis.exists(`cart:{${id}}`)).toBe(0);
    expect(await isErased(id)).toBe(true);
  });

  it('keeps them from being erased while it cannot go', async () => {
    const id = await departed();
    const away = () => Promise.reject(new Error('away'));
    await expect(eraseDeparted(shop.database, later, away)).rejects.toThrow('away');
    expect(await isErased(id)).toBe(false);
  });
});

describe('a version', () => {
  it('is never one that an earlier cart of the same owner had', async () => {
    const { skuId } = await catalogue.sell(50);
    const { add, clear } = await shopper();
    const seen = new Set<string | null>();
    for (let round = 0; round < 5; round += 1) {
      seen.add((await add(skuId, 1)).headers.get('etag'));
      await clear();
    }
    expect(seen.size).toBe(5);
  });

  it('stays the same where nothing changes', async () => {
    const { skuId } = await catalogue.sell(50);
    const { add, set } = await shopper();
    const before = (await add(skuId, 2)).headers.get('etag');
    expect((await set(skuId, 2)).headers.get('etag')).toBe(before);
  });

  it('guards a change: of 20 that name the same one, one is made', async () => {
    const { skuId } = await catalogue.sell(50);
    const { add, set } = await shopper();
    const etag = (await add(skuId, 1)).headers.get('etag') ?? '';
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => set(skuId, at + 2, { 'if-match': etag })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status === 412);
    expect(refused).toHaveLength(19);
    expect(refused[0]?.body).toMatchObject({ code: 'REQ_4120' });
  });

  it('guards every kind of change', async () => {
    const { skuId } = await catalogue.sell(50);
    const { add, set, remove, clear, cart } = await shopper();
    await add(skuId, 1);
    const stale = { 'if-match': '"1"' };
    const answers = [add(skuId, 1, stale), set(skuId, 2, stale), remove(skuId, stale), clear(stale)];
    for (const answer of answers) expect((await answer).status).toBe(412);
    expect(linesIn(await cart())).toEqual({ [skuId]: 1 });
  });

  it.each(['*', 'current', '"1", current'])('lets a change through that names %s', async (name) => {
    const { skuId } = await catalogue.sell(50);
    const { add, set } = await shopper();
    const current = (await add(skuId, 1)).headers.get('etag') ?? '';
    expect((await set(skuId, 2, { 'if-match': name.replace('current', current) })).status).toBe(200);
  });

  it.each(['W/current', 'x', '"x"', '""', ',', `"${'9'.repeat(40)}"`])(
    'does not let a change through that names %s',
    async (name) => {
      const { skuId } = await catalogue.sell(50);
      const { add, set } = await shopper();
      const current = (await add(skuId, 1)).headers.get('etag') ?? '';
      expect((await set(skuId, 2, { 'if-match': name.replace('current', current) })).status).toBe(412);
    },
  );
});

describe('hostile input', () => {
  const item = { skuId: randomUUID(), quantity: 1 };
  it.each<[string, unknown, number]>([
    ['no quantity', { skuId: item.skuId }, 422],
    ['no unit', { ...item, quantity: 0 }, 422],
    ['fewer than nothing', { ...item, quantity: -1 }, 422],
    ['half a unit', { ...item, quantity: 1.5 }, 422],
    ['too many', { ...item, quantity: 100 }, 422],
    ['a number as text', { ...item, quantity: '1' }, 422],
    ['more than a number can be', '{"skuId":"x","quantity":1e999}', 422],
    ['a field of Redis', { ...item, skuId: 'version' }, 422],
    ['another key', { ...item, skuId: '}:merges' }, 422],
    ['a price of its own', { ...item, price: 1 }, 422],
    ['a prototype', '{"__proto__":{"a":1},"skuId":"x","quantity":1}', 400],
    ['a list', [item], 422],
    ['nothing', 'null', 422],
    ['half a document', '{"skuId":', 400],
  ])('%s is refused', async (_name, body, status) => {
    const { send, cart } = await shopper();
    expect((await send('POST', '/api/cart/items', { body })).status).toBe(status);
    expect((await cart()).headers.get('etag')).toBe('"0"');
  });

  it.each(['version', 'member', '..%2f', '%00', '01980000-0000-7000-8000-00000000000G'])(
    'no line is called %s',
    async (name) => {
      const { send } = await shopper();
      const put = await send('PUT', `/api/cart/items/${name}`, { body: { quantity: 1 } });
      expect([404, 405, 422]).toContain(put.status);
      expect([404, 405, 422]).toContain((await send('DELETE', `/api/cart/items/${name}`)).status);
    },
  );
});

describe('what an order has bought', () => {
  let token: string;
  beforeAll(async () => {
    const claims = { aud: 'member-server', sid: undefined };
    token = await shop.authority.token('SERVICE', 'service:queue-server', { claims });
  });

  const bought = (member: string, items: [string, number][], orderId: string = randomUUID()) =>
    shop.call('POST', `/internal/v1/carts/${member}/remove`, {
      token,
      body: { orderId, items: items.map(([skuId, quantity]) => ({ skuId, quantity })) },
    });

  it('leaves the cart, and what was put in besides stays', async () => {
    const [all, some, other] = [await catalogue.sell(50), await catalogue.sell(50), await catalogue.sell(50)];
    const member = await shopper('MEMBER');
    for (const { skuId } of [all, some, other]) await member.add(skuId, 3);
    const before = (await member.cart()).headers.get('etag');
    const answer = await bought(member.id, [
      [all.skuId, 3],
      [some.skuId, 1],
      [randomUUID(), 1],
    ]);
    expect(answer.status).toBe(204);
    expect(linesIn(await member.cart())).toEqual({ [some.skuId]: 2, [other.skuId]: 3 });
    expect((await member.cart()).headers.get('etag')).not.toBe(before);
  });

  it('leaves it once, however often and whenever the order says so', async () => {
    const { skuId } = await catalogue.sell(50);
    const member = await shopper('MEMBER');
    await member.add(skuId, 5);
    const orderId = randomUUID();
    await Promise.all(Array.from({ length: 5 }, () => bought(member.id, [[skuId, 2]], orderId)));
    expect(linesIn(await member.cart())).toEqual({ [skuId]: 3 });
    await member.add(skuId, 4);
    await bought(member.id, [[skuId, 2]], orderId);
    expect(linesIn(await member.cart())).toEqual({ [skuId]: 7 });
    await bought(member.id, [[skuId, 2]]);
    expect(linesIn(await member.cart())).toEqual({ [skuId]: 5 });
  });

  it('never makes less than nothing of a line', async () => {
    const { skuId } = await catalogue.sell(50);
    const member = await shopper('MEMBER');
    await member.add(skuId, 1);
    await bought(member.id, [
      [skuId, 1],
      [skuId, 9],
    ]);
    expect(linesIn(await member.cart())).toEqual({});
    expect(linesIn(await member.add(skuId, 1))).toEqual({ [skuId]: 1 });
  });

  it('makes no cart where there is none', async () => {
    const member = await shopper('MEMBER');
    expect((await bought(member.id, [[randomUUID(), 1]])).status).toBe(204);
    expect(await redis.exists(`cart:{${member.id}}`)).toBe(0);
  });

  it('and what the member does meanwhile both count', async () => {
    const { skuId } = await catalogue.sell(500);
    const member = await shopper('MEMBER');
    await member.add(skuId, 40);
    await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        at % 2 === 0 ? member.add(skuId, 1) : bought(member.id, [[skuId, 2]]),
      ),
    );
    expect(linesIn(await member.cart())).toEqual({ [skuId]: 30 });
  });

  it.each([
    ['nothing', []],
    ['nothing of something', [[randomUUID(), 0]]],
    ['something else', [['lamp', 1]]],
  ] satisfies [string, [string, number][]][])('is not %s', async (_name, items) => {
    expect((await bought(randomUUID(), items)).status).toBe(422);
  });
});
