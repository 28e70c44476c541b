import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Market, openMarket, orderIn, problemIn } from './support/market.ts';

type Buyer = Awaited<ReturnType<Market['buyer']>>;

let market: Market;
let buyer: Buyer;
beforeAll(async () => {
  market = await openMarket();
  buyer = await market.buyer();
});
afterAll(() => market.close());
afterEach(() => {
  market.toProducts.isOpen();
  market.toMembers.isOpen();
});

const PRICE = 1_000;

interface Wish {
  items: { skuId: string; quantity: number }[];
  amount: number;
  addressId?: string;
}
const order = (wish: Wish, { key = randomUUID() }: { key?: string | null } = {}) =>
  market.call('POST', '/orders', buyer.id, { body: { addressId: buyer.addressId, ...wish }, key });

const noOrders = async () => expect(await market.database.order.count()).toBe(before);
let before = 0;
const remember = async () => {
  before = await market.database.order.count();
};

describe('an order of goods', () => {
  it('has lines at the prices of product-server, and goes to an address as it was', async () => {
    const [lamp = '', vase = ''] = await market.stock.skus(5, 3);
    const answer = await order({
      items: [
        { skuId: lamp, quantity: 2 },
        { skuId: vase, quantity: 1 },
      ],
      amount: 3 * PRICE,
    });
    expect(answer.status).toBe(201);
    const made = orderIn(answer);
    expect(answer.headers['location']).toBe(`/api/orders/${made.id}`);
    const { label: _label, ...delivery } = buyer.address;
    expect(made).toMatchObject({
      ...{ kind: 'GOODS', status: 'PENDING', amount: 3 * PRICE, event: null, seats: [], delivery },
      title: expect.stringMatching(/ 외 1건$/),
      items: [
        { skuId: lamp, quantity: 2, unitPrice: PRICE },
        { skuId: vase, quantity: 1, unitPrice: PRICE },
      ],
    });
    expect(await market.stock.of([lamp, vase])).toEqual([
      [5, 2],
      [3, 1],
    ]);
    expect(await market.eventsOf(made.id)).toEqual(['order.held']);
  });

  it('keeps where it goes encrypted, bound to itself', async () => {
    const [skuId = ''] = await market.stock.skus(9);
    const wish = { items: [{ skuId, quantity: 1 }], amount: PRICE };
    const [one, other] = [orderIn(await order(wish)), orderIn(await order(wish))];
    const { delivery } = await market.row(one.id);
    expect(delivery).toMatch(/^v1\.dev\./);
    expect(delivery).not.toContain('김도아');
    await market.database.order.update({ where: { id: other.id }, data: { delivery } });
    expect((await market.call('GET', `/orders/${other.id}`, buyer.id)).status).toBe(500);
  });

  it('is one, however often it is asked for under its name at once', async () => {
    const [skuId = ''] = await market.stock.skus(50);
    const key = randomUUID();
    const wish = { items: [{ skuId, quantity: 1 }], amount: PRICE };
    const answers = await Promise.all(Array.from({ length: 20 }, () => order(wish, { key })));
    const made = answers.filter(({ status }) => status === 201);
    expect(new Set(made.map((it) => orderIn(it).id)).size).toBe(1);
    expect(await market.stock.of([skuId])).toEqual([[50, 1]]);
    const other = await order({ ...wish, items: [{ skuId, quantity: 2 }] }, { key });
    expect(problemIn(other)).toMatchObject({ status: 422, code: 'IDEM_4220' });
    expect((await order(wish, { key: null })).status).toBe(400);
  });

  it('is never charged at another price than the buyer has seen', async () => {
    const [skuId = ''] = await market.stock.skus(5);
    await remember();
    for (const amount of [0, PRICE - 1, PRICE + 1, 2 * PRICE]) {
      const answer = problemIn(await order({ items: [{ skuId, quantity: 1 }], amount }));
      expect(answer).toMatchObject({ status: 409, code: 'ORD_4091' });
    }
    await noOrders();
    expect(await market.stock.of([skuId])).toEqual([[5, 0]]);
  });

  it('holds nothing any more when the price changed between the look and the hold', async () => {
    const [skuId = ''] = await market.stock.skus(5);
    await remember();
    const { database } = market.stock;
    market.toProducts.faultOf = async ({ path }) => {
      if (path === '/internal/v1/holds') {
        await database.sku.update({ where: { id: skuId }, data: { price: 2 * PRICE } });
      }
      return undefined;
    };
    const answer = problemIn(await order({ items: [{ skuId, quantity: 1 }], amount: PRICE }));
    expect(answer).toMatchObject({ status: 409, code: 'ORD_4091' });
    await noOrders();
    expect(await market.stock.of([skuId])).toEqual([[5, 0]]);
  });

  it('names what there is not enough of, and what is not sold', async () => {
    const [few = '', enough = ''] = await market.stock.skus(1, 9);
    const gone = randomUUID();
    await remember();
    const items = [few, enough, gone].map((skuId) => ({ skuId, quantity: 2 }));
    expect(problemIn(await order({ items, amount: 6 * PRICE }))).toMatchObject({
      ...{ status: 409, code: 'INV_4090' },
      unavailable: [
        { id: few, available: 1 },
        { id: gone, available: 0 },
      ],
    });
    await noOrders();
    expect(await market.stock.of([few, enough])).toEqual([
      [1, 0],
      [9, 0],
    ]);
  });

  it('is refused with fields that make no sense, and for more than anybody may pay', async () => {
    const [skuId = '', dear = '', free = ''] = await market.stock.skus(99, 99, 99);
    const { database } = market.stock;
    await database.sku.update({ where: { id: dear }, data: { price: 100_000_000 } });
    await database.sku.update({ where: { id: free }, data: { price: 0 } });
    await remember();
    const line = { skuId, quantity: 1 };
    const wishes: Wish[] = [
      { items: [], amount: PRICE },
      { items: [{ skuId, quantity: 0 }], amount: PRICE },
      { items: [{ skuId, quantity: 100 }], amount: 100 * PRICE },
      { items: [{ skuId, quantity: 1.5 }], amount: PRICE },
      { items: [line, line], amount: 2 * PRICE },
      { items: [line], amount: -1 },
      { items: [line], amount: 1_000_000_001 },
      { items: [{ skuId: dear, quantity: 11 }], amount: 1_000_000_000 },
      { items: [{ skuId: free, quantity: 1 }], amount: 0 },
      { items: [line], amount: PRICE, addressId: randomUUID() },
    ];
    for (const wish of wishes) {
      expect(problemIn(await order(wish)), JSON.stringify(wish)).toMatchObject({
        ...{ status: 422, code: 'REQ_4220' },
      });
    }
    await noOrders();
    expect(await market.stock.of([skuId, dear, free])).toEqual([
      [99, 0],
      [99, 0],
      [99, 0],
    ]);
  });

  it("does not go to somebody else's address", async () => {
    const [skuId = ''] = await market.stock.skus(1);
    const { addressId } = await market.buyer();
    const answer = await order({ items: [{ skuId, quantity: 1 }], amount: PRICE, addressId });
    expect(problemIn(answer)).toMatchObject({ status: 422, errors: [{ field: 'addressId' }] });
  });

  it('is made under the same name once what was away is back', async () => {
    const [skuId = ''] = await market.stock.skus(5);
    const key = randomUUID();
    const wish = { items: [{ skuId, quantity: 1 }], amount: PRICE };
    market.toMembers.faultOf = () => 'refused';
    expect((await order(wish, { key })).status).toBe(502);
    market.toMembers.isOpen();
    market.toProducts.faultOf = ({ method }) => (method === 'POST' ? 'lost' : undefined);
    expect((await order(wish, { key })).status).toBe(502);
    market.toProducts.isOpen();
    expect((await order(wish, { key })).status).toBe(201);
    expect(await market.stock.of([skuId])).toEqual([[5, 1]]);
  });
});
