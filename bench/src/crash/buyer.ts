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
import { createMemory, type Memory, remember } from './memory.ts';
import { CARDS, type Card } from './points.ts';
import type { Theatre } from './theatre.ts';
import { waitForTurn } from './waiting.ts';

export interface Shop {
  /** Of goods, by SKU; each costs 1,000 won. */
  units: ReadonlyMap<string, number>;
  eventId: string;
  seatIds: string[];
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

const POLL = 300;
const UNIT_PRICE = 1_000;
/** Why a buyer may be told no: others were faster, or their own first attempt is not over yet, or has succeeded. */
const TAKEN = 'INV_4090';
const NOT_PAYABLE_AGAIN = ['PAY_4090', 'PAY_4091'];
const NOT_CANCELLABLE = 'ORD_4092';

/** Buys something, pays with some card, and sometimes changes its mind; whatever falls meanwhile, it tries on. */
export async function buy({ theatre, shop, chance, card }: BuyerOptions): Promise<Memory> {
  const memberId = randomUUID();
  const memory = createMemory(memberId);
  const client = createClient(theatre.url, await theatre.token('MEMBER', memberId));

  const read = async (id: string): Promise<Order> =>
    remember(memory, parsed(OrderSchema, await client.insist({ method: 'GET', path: `/api/orders/${id}` })));

  async function orderGoods(): Promise<Held | undefined> {
    const quantity = 1 + chance.below(3);
    const amount = quantity * UNIT_PRICE;
    const items = [{ skuId: chance.pick([...shop.units.keys()]), quantity }];
    const body = { items, addressId: randomUUID(), amount };
    const answer = await client.insist({ method: 'POST', path: '/api/orders', body });
    if (answer.code === TAKEN) return leave('found nothing left');
    return { id: remember(memory, parsed(OrderSchema, answer)).id, amount, permit: undefined };
  }

  async function reserveSeats(): Promise<Held | undefined> {
    const queueToken = await waitForTurn(client, shop.eventId, memory.place);
    if (queueToken === undefined) return leave('found nothing left');
    const first = chance.below(shop.seatIds.length);
    const seatIds = shop.seatIds.slice(first, first + 1 + chance.below(2));
    const body = { eventId: shop.eventId, seatIds };
    const answer = await client.insist({ method: 'POST', path: '/api/reservations', body, queueToken });
    if (answer.code === TAKEN) return leave('found the seats taken');
    const { order, permit } = parsed(ReservationSchema, answer);
    remember(memory, order);
    return { id: order.id, amount: order.amount, permit: permit?.token };
  }

  function leave(outcome: string): undefined {
    memory.outcome = outcome;
  }

  /** One attempt to pay. @returns what is known of the order some seconds later */
  async function pay({ id, amount, permit }: Held, by: Card, isFirst: boolean): Promise<Order> {
    const body = { orderId: id, amount };
    const begun = await client.insist({ method: 'POST', path: '/api/payments', body, queueToken: permit });
    if (!isFirst && NOT_PAYABLE_AGAIN.includes(begun.code)) return read(id);
    const { payment } = parsed(PaymentSessionSchema, begun);
    await theatre.sandbox.pay(payment.id, by);
    await client.insist({ method: 'POST', path: `/api/payments/${payment.id}/complete` });
    let order = await read(id);
    for (let times = 0; order.status === 'PENDING' && times < 10; times += 1) {
      if (order.payment?.status === 'FAILED') return order;
      await delay(POLL);
      order = await read(id);
    }
    return order;
  }

  async function cancel(id: string): Promise<void> {
    const answer = await client.insist({ method: 'POST', path: `/api/orders/${id}/cancel` });
    if (answer.code === NOT_CANCELLABLE) return;
    remember(memory, parsed(OrderSchema, answer), { isCancelled: true });
  }

  async function goThrough(): Promise<void> {
    const held = chance.below(2) === 0 ? await orderGoods() : await reserveSeats();
    if (!held) return;
    const mind = chance.next();
    // Who leaves is not heard of again.
    if (mind < 0.08) return leave('left');
    if (mind < 0.16) await cancel(held.id);
    else {
      const by = chance.next() < 0.6 ? card() : chance.pick(CARDS);
      let order = await pay(held, by, true);
      if (order.status === 'PENDING' && chance.next() < 0.5) order = await pay(held, 'approve', false);
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
