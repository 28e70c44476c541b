import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Order,
  OrderSchema,
  PaymentSessionSchema,
  ReservationSchema,
} from '@doa-market/common/contracts';
import type { Chance } from '@doa-market/common/testing';
import { createClient, NoAnswer, parsed } from './client.ts';
import { CARDS, type Card } from './points.ts';
import type { Theatre } from './theatre.ts';
import { type Place, waitForTurn } from './waiting.ts';

export interface Shop {
  /** Of goods; each costs 1,000 won. */
  skuIds: string[];
  eventId: string;
  seatIds: string[];
}

export interface Memory {
  memberId: string;
  place: Place;
  /** What the buyer was last told of each order. */
  orders: Map<string, Order['status']>;
  outcome: string;
}

interface BuyerOptions {
  theatre: Theatre;
  shop: Shop;
  chance: Chance;
  /** What most pay with at this moment. */
  card: () => Card;
}

interface Held {
  id: string;
  amount: number;
  permit: string | undefined;
}

const POLL = 150;
const UNIT_PRICE = 1_000;

/** Buys something, pays with some card, and sometimes changes its mind; whatever falls meanwhile, it tries on. */
export async function buy({ theatre, shop, chance, card }: BuyerOptions): Promise<Memory> {
  const memberId = randomUUID();
  const place: Place = { receipts: new Set(), numbers: new Set(), tokens: new Set() };
  const memory: Memory = { memberId, place, orders: new Map(), outcome: '' };
  const client = createClient(theatre.url, await theatre.token('MEMBER', memberId));

  async function read(id: string): Promise<Order> {
    const order = parsed(OrderSchema, await client.insist({ method: 'GET', path: `/api/orders/${id}` }));
    memory.orders.set(id, order.status);
    return order;
  }

  async function orderGoods(): Promise<Held | undefined> {
    const quantity = 1 + chance.below(3);
    const amount = quantity * UNIT_PRICE;
    const items = [{ skuId: chance.pick(shop.skuIds), quantity }];
    const body = { items, addressId: randomUUID(), amount };
    const answer = await client.insist({ method: 'POST', path: '/api/orders', body });
    if (answer.status !== 201) return refused('order', answer);
    return { id: parsed(OrderSchema, answer).id, amount, permit: undefined };
  }

  async function reserveSeats(): Promise<Held | undefined> {
    const queueToken = await waitForTurn(client, shop.eventId, place);
    if (queueToken === undefined) return refused('turn', { status: 0, code: '' });
    const first = chance.below(shop.seatIds.length);
    const seatIds = shop.seatIds.slice(first, first + 1 + chance.below(2));
    const body = { eventId: shop.eventId, seatIds };
    const answer = await client.insist({ method: 'POST', path: '/api/reservations', body, queueToken });
    if (answer.status !== 201) return refused('reservation', answer);
    const { order, permit } = parsed(ReservationSchema, answer);
    return { id: order.id, amount: order.amount, permit: permit?.token };
  }

  function refused(what: string, { status, code }: { status: number; code: string }): undefined {
    memory.outcome = `${what} ${status} ${code}`;
  }

  /** One attempt to pay. @returns what is known of the order some seconds later */
  async function pay({ id, amount, permit }: Held, by: Card): Promise<Order> {
    const body = { orderId: id, amount };
    const begun = await client.insist({ method: 'POST', path: '/api/payments', body, queueToken: permit });
    if (begun.status !== 201) return read(id);
    const { payment } = parsed(PaymentSessionSchema, begun);
    await theatre.sandbox.pay(payment.id, by);
    await client.insist({ method: 'POST', path: `/api/payments/${payment.id}/complete` });
    let order = await read(id);
    for (let times = 0; order.status === 'PENDING' && times < 20; times += 1) {
      if (order.payment?.status === 'FAILED') return order;
      await delay(POLL);
      order = await read(id);
    }
    return order;
  }

  const cancel = (id: string) => client.insist({ method: 'POST', path: `/api/orders/${id}/cancel` });

  async function goThrough(): Promise<void> {
    const held = chance.below(2) === 0 ? await orderGoods() : await reserveSeats();
    if (!held) return;
    const mind = chance.next();
    // Who leaves is not heard of again.
    if (mind < 0.08) return refused('left', { status: 0, code: '' });
    if (mind < 0.16) await cancel(held.id);
    else {
      const by = chance.next() < 0.6 ? card() : chance.pick(CARDS);
      let order = await pay(held, by);
      if (order.status === 'PENDING' && chance.next() < 0.5) order = await pay(held, 'approve');
      if (order.status === 'PENDING' && chance.next() < 0.5) await cancel(held.id);
      else if (order.status === 'CONFIRMED' && chance.next() < 0.25) await cancel(held.id);
    }
    memory.outcome = (await read(held.id)).status;
  }

  try {
    await goThrough();
  } catch (error) {
    memory.outcome = error instanceof NoAnswer ? `no answer: ${error.message}` : `failed: ${error}`;
  } finally {
    client.close();
  }
  return memory;
}
