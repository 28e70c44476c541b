import { randomUUID } from 'node:crypto';
import { loadConfig } from '@doa-market/common/config';
import { createRedis, type Redis } from '@doa-market/common/redis';
import { until } from '@doa-market/common/testing';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../src/app.ts';
import { createCartStore } from '../src/cart/store.ts';
import { ConfigSchema } from '../src/config.ts';
import { type RunningCatalogue, startCatalogue } from './support/catalogue.ts';
import { startProcess } from './support/process.ts';
import { caller, openShop, type Shop } from './support/shop.ts';
import { cartIn, linesIn, shopper } from './support/shopper.ts';
import { startFailingCatalogue } from './support/stand-in.ts';

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

const guestAndMember = () => Promise.all([shopper(shop), shopper(shop, 'MEMBER')]);
/** What is left with the guest of a cart, or of one that was taken. */
const remains = (guest: string) => redis.exists(`cart:{${guest}}`, `cart:{${guest}}:taken`);

describe('a merge', () => {
  it("moves the guest's lines into the member's cart, and a second one changes nothing", async () => {
    const [both, own, brought] = [
      await catalogue.sell(50),
      await catalogue.sell(50),
      await catalogue.sell(50),
    ];
    const [guest, member] = await guestAndMember();
    await member.add(both.skuId, 2);
    await member.add(own.skuId, 1);
    await guest.add(both.skuId, 3);
    await guest.add(brought.skuId, 4);
    const merged = await member.merge(guest.token);
    expect(merged.status).toBe(200);
    expect(linesIn(merged)).toEqual({ [both.skuId]: 5, [own.skuId]: 1, [brought.skuId]: 4 });
    expect(linesIn(await guest.cart())).toEqual({});
    const again = await member.merge(guest.token);
    expect(again.body).toEqual(merged.body);
    expect(again.headers.get('etag')).toBe(merged.headers.get('etag'));
    expect(await remains(guest.id)).toBe(0);
  });

  it('of nothing leaves the cart as it is', async () => {
    const { skuId } = await catalogue.sell(50);
    const [guest, member] = await guestAndMember();
    const before = await member.add(skuId, 1);
    expect((await member.merge(guest.token)).headers.get('etag')).toBe(before.headers.get('etag'));
    await member.cart();
    expect(await redis.exists(`cart:{${member.id}}:merges`)).toBe(0);
  });

  it('goes up to what is in stock and to 99, and never takes away', async () => {
    const [few, many, fewer] = [await catalogue.sell(7), await catalogue.sell(500), await catalogue.sell(9)];
    const [guest, member] = await guestAndMember();
    for (const { skuId } of [few, many, fewer]) await guest.add(skuId, 5);
    await member.add(few.skuId, 4);
    await member.add(many.skuId, 97);
    await member.add(fewer.skuId, 8);
    await catalogue.stock(fewer.skuId, 2);
    expect(linesIn(await member.merge(guest.token))).toEqual({
      [few.skuId]: 7,
      [many.skuId]: 99,
      [fewer.skuId]: 8,
    });
  });

  it('brings what has sold out along as one unit that says so', async () => {
    const { skuId } = await catalogue.sell(5);
    const [guest, member] = await guestAndMember();
    await guest.add(skuId, 5);
    await catalogue.stock(skuId, 0);
    expect(cartIn(await member.merge(guest.token)).lines).toMatchObject([
      { quantity: 1, status: 'SOLD_OUT' },
    ]);
  });

  it('fills the cart up to its 100 lines with what the guest added last', async () => {
    const [early, late] = [await catalogue.sell(5), await catalogue.sell(5)];
    const [guest, member] = await guestAndMember();
    const lines = Array.from({ length: 99 }, () => [randomUUID(), '1:1']);
    await redis.hset(`cart:{${member.id}}`, Object.fromEntries(lines));
    await guest.add(early.skuId, 1);
    await guest.add(late.skuId, 1);
    const merged = linesIn(await member.merge(guest.token));
    expect(Object.keys(merged)).toHaveLength(100);
    expect([merged[early.skuId], merged[late.skuId]]).toEqual([undefined, 1]);
  });

  it('counts once when 50 come at the same time to two servers', async () => {
    const other = await buildApp(loadConfig(ConfigSchema, shop.env));
    const elsewhere = caller(await other.listen({ host: '127.0.0.1', port: 0 }));
    for (let round = 0; round < 5; round += 1) {
      const { skuId } = await catalogue.sell(500);
      const [guest, member] = await guestAndMember();
      await member.add(skuId, 1);
      await guest.add(skuId, 1);
      const request = { token: member.token, body: { guestToken: guest.token } };
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, at) =>
          (at % 2 ? shop.call : elsewhere)('POST', '/api/cart/merge', request),
        ),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(linesIn(await member.cart())).toEqual({ [skuId]: 2 });
      expect(await remains(guest.id)).toBe(0);
    }
    await other.close();
  });

  it('loses nothing that the guest adds meanwhile', async () => {
    const { skuId } = await catalogue.sell(500);
    const [guest, member] = await guestAndMember();
    await Promise.all(
      Array.from({ length: 30 }, () => [guest.add(skuId, 1), member.merge(guest.token)]).flat(),
    );
    expect(linesIn(await member.merge(guest.token))).toEqual({ [skuId]: 30 });
  });

  it('works without the catalogue, up to 99', async () => {
    const away = await openShop({ REDIS_URL: shop.env.REDIS_URL });
    const [guest, member] = [await shopper(away), await shopper(away, 'MEMBER')];
    const skuId = randomUUID();
    await guest.add(skuId, 60);
    await member.add(skuId, 60);
    const merged = await member.merge(guest.token);
    expect(merged.body).toMatchObject({ degraded: true, totals: { quantity: 99, amount: null } });
    await away.close();
  });
});

describe('a merge that was killed', () => {
  it('before it had taken anything leaves the cart with the guest', async () => {
    const { skuId } = await catalogue.sell(50);
    const [guest, member] = await guestAndMember();
    await guest.add(skuId, 2);
    await createCartStore(redis).intend(member.id, guest.id);
    expect(linesIn(await member.cart())).toEqual({});
    expect(linesIn(await guest.cart())).toEqual({ [skuId]: 2 });
    expect(await redis.exists(`cart:{${member.id}}:merges`)).toBe(0);
  });

  it('after it had taken the cart is finished by the next merge, and by the next look at the cart', async () => {
    const hanging = await startFailingCatalogue('never answers');
    const doomed = await startProcess({
      ...shop.env,
      PRODUCT_SERVICE_URL: hanging.url,
      CATALOGUE_TIMEOUT: '60000',
    });
    const { skuId } = await catalogue.sell(50);
    const pairs = await Promise.all([guestAndMember(), guestAndMember()]);
    for (const [guest, member] of pairs) {
      await member.add(skuId, 1);
      await guest.add(skuId, 2);
    }
    const lost = pairs.map(([guest, member]) =>
      caller(doomed.url)('POST', '/api/cart/merge', {
        token: member.token,
        body: { guestToken: guest.token },
      }),
    );
    const outcomes = Promise.allSettled(lost);
    for (const [guest] of pairs) {
      await until(() => redis.exists(`cart:{${guest.id}}:taken`), 'the taking of the cart', 30_000);
    }
    await doomed.kill();
    await hanging.close();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);

    const [[guest, member], [otherGuest, other]] = pairs;
    expect(linesIn(await guest.cart())).toEqual({});
    for (let round = 0; round < 2; round += 1) {
      expect(linesIn(await member.merge(guest.token))).toEqual({ [skuId]: 3 });
      expect(linesIn(await other.cart())).toEqual({ [skuId]: 3 });
    }
    expect((await remains(guest.id)) + (await remains(otherGuest.id))).toBe(0);
  }, 120_000);

  it('after it had added the lines does not add them again', async () => {
    const { skuId } = await catalogue.sell(50);
    const [guest, member] = await guestAndMember();
    await guest.add(skuId, 2);
    const store = createCartStore(redis);
    await store.intend(member.id, guest.id);
    const taken = await store.take(guest.id, member.id);
    if (!taken) throw new Error('there was a cart to take');
    await store.apply(guest.id, taken, () => 99);
    await guest.add(skuId, 5);
    expect(linesIn(await member.cart())).toEqual({ [skuId]: 2 });
    expect(linesIn(await member.merge(guest.token))).toEqual({ [skuId]: 7 });
    expect(await remains(guest.id)).toBe(0);
  });

  it('and has paused for long neither adds again nor drops what was taken since', async () => {
    const { skuId } = await catalogue.sell(50);
    const [guest, member] = await guestAndMember();
    const store = createCartStore(redis);
    await guest.add(skuId, 2);
    const paused = await store.take(guest.id, member.id);
    if (!paused) throw new Error('there was a cart to take');
    await member.merge(guest.token);
    await guest.add(skuId, 3);
    await store.take(guest.id, member.id);
    await store.apply(guest.id, paused, () => 99);
    await store.drop(guest.id, paused);
    expect(linesIn(await member.cart())).toEqual({ [skuId]: 2 });
    expect(linesIn(await member.merge(guest.token))).toEqual({ [skuId]: 5 });
  });

  it('still belongs to the member it was begun for', async () => {
    const { skuId } = await catalogue.sell(50);
    const [guest, member] = await guestAndMember();
    const second = await shopper(shop, 'MEMBER');
    await guest.add(skuId, 2);
    await createCartStore(redis).take(guest.id, member.id);
    await guest.add(skuId, 3);
    expect(linesIn(await second.merge(guest.token))).toEqual({ [skuId]: 3 });
    expect(linesIn(await member.cart())).toEqual({ [skuId]: 2 });
  });

  it('is remembered with the member for longer than with the guest', async () => {
    const { skuId } = await catalogue.sell(50);
    const [guest, member] = await guestAndMember();
    await guest.add(skuId, 2);
    const store = createCartStore(redis);
    const taken = await store.take(guest.id, member.id);
    if (!taken) throw new Error('there was a cart to take');
    await store.apply(guest.id, taken, () => 99);
    const marker = await redis.ttl(`cart:{${member.id}}:merged:${guest.id}:${taken.version}`);
    expect(marker).toBeGreaterThan(await redis.ttl(`cart:{${guest.id}}:taken`));
  });
});

describe('the token of the guest', () => {
  const token = (role: string, overrides = {}) => shop.authority.token(role, randomUUID(), overrides);
  it.each<[string, () => Promise<unknown>]>([
    ["another member's", () => token('MEMBER')],
    ["an administrator's", () => token('ADMIN')],
    ["a server's", () => token('SERVICE', { claims: { aud: 'member-server' } })],
    ['that of a guest of somebody else', () => token('GUEST', { claims: { iss: 'https://elsewhere' } })],
    ['for another audience', () => token('GUEST', { claims: { aud: 'product-server' } })],
    ['for this server alone', () => token('GUEST', { claims: { aud: 'member-server' } })],
    ['over', () => token('GUEST', { claims: { exp: 1 } })],
    ['changed', async () => `${(await token('GUEST')).slice(0, -4)}AAAA`],
    ['garbage', async () => 'x.y.z'],
    ['empty', async () => ''],
    ['endless', async () => 'x'.repeat(9_000)],
    ['a number', async () => 1],
    ['nothing', async () => undefined],
  ])('is refused when it is %s', async (_name, guestToken) => {
    const member = await shopper(shop, 'MEMBER');
    const answer = await member.merge(await guestToken());
    expect([answer.status, answer.body]).toMatchObject([422, { errors: [{ field: 'guestToken' }] }]);
    expect((await member.cart()).headers.get('etag')).toBe('"0"');
  });

  it('is nothing to another guest', async () => {
    const [guest, other] = [await shopper(shop), await shopper(shop)];
    expect((await other.merge(guest.token)).status).toBe(403);
  });
});
