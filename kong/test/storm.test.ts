import { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, clientOf } from './support/client.ts';
import { type Market, openMarket } from './support/market.ts';
import { buyerAt } from './support/orders.ts';

const ROUNDS = 200;
const AT_ONCE = 50;

const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
let market: Market;
let get: Client;

beforeAll(async () => {
  market = await openMarket({ env: { RATE_LIMIT_PURCHASE: '1000000', RATE_LIMIT_MEMBER: '1000000' } });
  get = clientOf(market.gateway.url, agent);
});

afterAll(async () => {
  agent.destroy();
  await market.close();
});

describe('fifty of the same request at once', () => {
  it('reach the service once, and have one answer or wait', async () => {
    market.services.queue.reply = (response) => {
      setTimeout(() => response.writeHead(201).end('done'), 150);
    };
    const { order } = await buyerAt(market, get);
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => order()));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const waiting = answers.filter(({ status }) => status === 409);
    expect(waiting).toHaveLength(AT_ONCE - 1);
    for (const { json, headers } of waiting) {
      expect(json).toMatchObject({ code: 'IDEM_4090' });
      expect(headers['retry-after']).toBe('1');
    }
    expect(market.services.queue.seen).toHaveLength(1);
    expect(await order()).toMatchObject({ status: 201, text: 'done' });
    market.services.queue.reset();
  });

  it('reach the service once in every round', async () => {
    const buyer = await buyerAt(market, get);
    for (let round = 1; round <= ROUNDS; round += 1) {
      const order = () => buyer.order({ headers: { 'x-idempotency-key': `round-${round}` } });
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, order));
      expect(market.services.queue.seen).toHaveLength(round);
      expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
      expect((await order()).headers['x-idempotency-status']).toBe('replayed');
    }
  });
});
