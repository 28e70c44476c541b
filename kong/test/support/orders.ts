import { randomUUID } from 'node:crypto';
import type { Answer, Call, Client } from './client.ts';
import type { Market } from './market.ts';

export interface Order {
  headers?: Record<string, string | string[]>;
  body?: Call['body'];
  path?: string;
  method?: string;
}

export interface Buyer {
  /** What every request of this member has. */
  own: Record<string, string>;
  key: string;
  /** Orders, each time under the same key. */
  order(order?: Order): Promise<Answer>;
}

/** A member with a key. */
export async function buyerAt(market: Market, get: Client = market.get): Promise<Buyer> {
  const own = { ...(await market.as()), 'content-type': 'application/json' };
  const key = randomUUID();
  return {
    own,
    key,
    order: ({ headers = {}, body = '{"sku":1}', path = '/api/orders', method = 'POST' } = {}) =>
      get(path, { method, headers: { ...own, 'x-idempotency-key': key, ...headers }, body }),
  };
}

/** Lets the service that sells create orders, each a new one. */
export function sell(market: Market): void {
  const { queue } = market.services;
  queue.reply = (response, { body }) => {
    response.writeHead(201, {
      location: `/api/orders/${queue.seen.length}`,
      'content-type': 'application/json',
      'set-cookie': 'session=1',
      'x-request-id': 'of-the-service',
    });
    response.end(JSON.stringify({ order: queue.seen.length, body: body.toString() }));
  };
}

/** Names of the records of keys in Redis. */
export const records = (market: Market): Promise<string[]> => market.redis.client.keys('idempotency:*');
