import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { QueuePlace, QueueRoom, SeatMap } from '@doa-market/common/contracts';
import { until } from '@doa-market/common/testing';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from './setup/browser.ts';
import { PASSWORD, register } from './setup/member.ts';
import { askSandbox, payAtSandbox, payInBrowser } from './setup/payment.ts';
import { type Goods, type Shopper, shopper } from './setup/shopper.ts';
import { visitor } from './setup/visitor.ts';

let demo: Shopper;
let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
  demo = await shopper('demo@doa.market', 'doa-market-demo');
});
afterAll(() => browser.close());

interface Sku {
  id: string;
  stock: number;
  price: number;
}

async function skusOf(slug: string): Promise<Sku[]> {
  const { product } = await demo.ask<{ product: { skus: Sku[] } }>(`/api/products/${slug}`);
  return product.skus;
}

/** As product-server has it now, past every cache. */
async function stockOf(skuId: string): Promise<number> {
  const { data } = await demo.ask<{ data: Sku[] }>(`/api/v1/skus?ids=${skuId}`);
  return data[0]?.stock ?? 0;
}

async function goods(quantity: number): Promise<Goods> {
  const sku = (await skusOf('mechanical-keyboard')).find(({ stock }) => stock > 10);
  if (!sku) throw new Error('nothing is in stock');
  return { skuId: sku.id, quantity, amount: sku.price * quantity };
}

const money = async () =>
  (await askSandbox<{ totals: Record<string, { net: number }> }>('/sandbox/ledger')).totals['KRW']?.net ?? 0;

describe('a member with a cart', () => {
  it('pays on the page of the gateway, cancels, and has everything back', async () => {
    const wanted = await goods(2);
    const { skuId, quantity, amount } = wanted;
    const [stock, net] = [await stockOf(skuId), await money()];
    await demo.post('/api/cart/items', { skuId, quantity });

    const order = await demo.order(wanted);
    expect(order).toMatchObject({ status: 'PENDING', kind: 'GOODS', amount });
    const { payment, checkout } = await demo.pay(order);
    if (checkout.kind !== 'page') throw new Error('there is no page to pay on');
    const back = await payInBrowser(browser, checkout.url, '4242 4242 4242 4242');
    expect([back.pathname, back.searchParams.get('paymentId')]).toEqual(['/checkout/result', payment.id]);

    await demo.complete(payment.id);
    const confirmed = await demo.orderIs(order.id, 'CONFIRMED');
    expect(confirmed.payment).toMatchObject({ id: payment.id, status: 'PAID', amount, method: 'CARD' });
    expect([await stockOf(skuId), await money()]).toEqual([stock - quantity, net + amount]);
    await until(async () => {
      const { lines } = await demo.ask<{ lines: { skuId: string }[] }>('/api/cart');
      return lines.every((line) => line.skuId !== skuId);
    }, 'what was bought to leave the cart');

    await demo.post(`/api/orders/${order.id}/cancel`);
    const refunded = await demo.orderIs(order.id, 'REFUNDED');
    expect(refunded.payment?.status).toBe('REFUNDED');
    expect(await money()).toBe(net);
    await until(async () => (await stockOf(skuId)) === stock, 'the stock to be back');
  });

  it('may try another card after one was declined', async () => {
    const order = await demo.order(await goods(1));
    const first = await demo.pay(order);
    expect(await payAtSandbox(first.payment.id, 'decline')).toBe('FAILED');
    expect(await demo.complete(first.payment.id)).toMatchObject({
      status: 'FAILED',
      failure: { code: 'DECLINED' },
      orderStatus: 'PENDING',
    });
    const second = await demo.pay(order);
    expect(await payAtSandbox(second.payment.id, 'approve')).toBe('PAID');
    expect((await demo.orderIs(order.id, 'CONFIRMED')).payment?.id).toBe(second.payment.id);
    await demo.post(`/api/orders/${order.id}/cancel`);
    await demo.orderIs(order.id, 'REFUNDED');
  });

  it('orders once, however often the request is sent', async () => {
    const wanted = await goods(1);
    const key = randomUUID();
    const stock = await stockOf(wanted.skuId);
    const orders = await Promise.all([
      demo.order(wanted, key),
      delay(500).then(() => demo.order(wanted, key)),
    ]);
    expect(orders[1].id).toBe(orders[0].id);
    expect(await stockOf(wanted.skuId)).toBe(stock - 1);
    await demo.post(`/api/orders/${orders[0].id}/cancel`);
    await demo.orderIs(orders[0].id, 'CANCELLED');
  });
});

describe('an event with a waiting room', () => {
  let admin: Shopper;
  let member: Shopper;
  let eventId: string;

  beforeAll(async () => {
    admin = await shopper('admin@doa.market', 'doa-market-admin');
    member = await shopper(await register(visitor()), PASSWORD);
    eventId = (await demo.ask<{ id: string }>('/api/events/yunseul-moonlight-concert')).id;
  });
  afterAll(() => admin.ask(`/api/queue/${eventId}`, { method: 'DELETE' }));

  it('lets a member in, who buys tickets', async () => {
    await admin.ask(`/api/queue/${eventId}`, { method: 'PUT', body: { rate: 50 } });
    const room = await visitor().ask(`/api/queue/${eventId}`);
    expect(await room.json()).toMatchObject({ state: 'PRE_QUEUE' } satisfies Partial<QueueRoom>);

    const map = await member.ask<SeatMap>(`/api/events/${eventId}/seats`);
    const seatIds = map.sections.flatMap(({ rows }) => rows.flatMap(({ ids }) => ids)).slice(0, 2);
    await expect(member.reserve(eventId, seatIds)).rejects.toThrow('QUE_4030');

    const place = await member.post<QueuePlace>(`/api/queue/${eventId}/enter`);
    expect(place).toMatchObject({ state: 'PRE_QUEUE', place: 'WAITING', number: null });
    const again = await member.post<QueuePlace>(`/api/queue/${eventId}/enter`);
    expect(again.receipt).toBe(place.receipt);
    await admin.post(`/api/queue/${eventId}/open`);
    // The last answer is the one that counts.
    const { token } = await admitted(again.nextPollIn);

    const { order, permit } = await member.reserve(eventId, seatIds, token);
    expect(order).toMatchObject({ status: 'PENDING', kind: 'SEATS' });
    const { payment, checkout } = await member.pay(order, permit?.token);
    if (checkout.kind !== 'page') throw new Error('there is no page to pay on');
    await payInBrowser(browser, checkout.url, '4242 4242 4242 4242');
    await member.complete(payment.id);
    const { seats } = await member.orderIs(order.id, 'CONFIRMED');
    expect(seats.map(({ seatId }) => seatId).sort()).toEqual([...seatIds].sort());
    for (const { ticketCode } of seats) expect(ticketCode).toMatch(/^[A-Z0-9]{4}(-[A-Z0-9]{4}){2}$/);

    await until(async () => {
      const { statuses } = await member.ask<{ statuses: string }>(`/api/events/${eventId}/seats/statuses`);
      return statuses.startsWith('SS');
    }, 'the map to say that they are sold');
    await until(placeIsOver, 'the place to be over');
  });

  async function placeIsOver(): Promise<boolean> {
    // Polls are counted.
    await delay(1_000);
    return member.ask(`/api/queue/${eventId}/status`).then(
      () => false,
      (error: unknown) => `${error}`.includes('QUE_4041'),
    );
  }

  /** Polls no earlier than it is told to. */
  async function admitted(first: number) {
    let wait = first;
    for (const end = Date.now() + 60_000; Date.now() < end; ) {
      await delay(wait);
      const place = await member.ask<QueuePlace>(`/api/queue/${eventId}/status`);
      if (place.admission) return place.admission;
      wait = place.nextPollIn;
    }
    throw new Error('nobody was let in');
  }
});
