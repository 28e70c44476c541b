import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { until } from '@doa-market/common/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, clientOf } from './support/client.ts';
import { external, type Market, openMarket } from './support/market.ts';
import { childrenOf, socketsOf } from './support/processes.ts';

const AT_ONCE = 50;
const POOLS_OF_REDIS = 2 * 64;

const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
let market: Market;
let get: Client;
let own: { authorization: string };

beforeAll(async () => {
  if (external) return;
  const many = '1000000';
  market = await openMarket({
    env: { RATE_LIMIT_PURCHASE: many, RATE_LIMIT_MEMBER: many, RATE_LIMIT_PUBLIC: many },
  });
  get = clientOf(market.gateway.url, agent);
  own = await market.as();
});

afterAll(async () => {
  agent.destroy();
  await market?.close();
});

const sockets = () =>
  childrenOf(market.gateway.pid ?? 0).reduce((count, worker) => count + socketsOf(worker), 0);

/** A purchase, a change of the cart and a page, by turns; gives how many had each status. */
async function send(count: number): Promise<Record<number, number>> {
  const statuses: Record<number, number> = {};
  let sent = 0;
  const shopper = async () => {
    while (sent < count) {
      const turn = sent % 3;
      sent += 1;
      const headers = { ...own, 'x-idempotency-key': randomUUID() };
      const paths = ['/api/orders', '/api/cart/items', '/api/home'];
      const { status } = await get(paths[turn] ?? '', { method: turn === 2 ? 'GET' : 'POST', headers });
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, shopper));
  return statuses;
}

describe.skipIf(external)('ten thousand requests', () => {
  it('leave no connection behind, with a Redis that is there, away, hung and back', {
    timeout: 60_000,
  }, async () => {
    await send(1_000);
    const before = sockets();

    expect(await send(3_000)).toEqual({ 200: 3_000 });
    await market.redis.stop();
    expect(await send(1_500)).toEqual({ 200: 1_000, 503: 500 });
    await market.redis.start();
    await send(1_500);
    market.redis.hang();
    const hung = await send(1_500);
    expect(hung[503]).toBeGreaterThan(400);
    market.redis.resume();
    // Each of the workers finds out for itself.
    await until(async () => (await send(300))[503] === undefined, 'orders again');
    expect(await send(2_500)).toEqual({ 200: 2_500 });

    await until(() => sockets() <= before, `no more sockets than the ${before} at first`, 10_000);
    const clients = String(await market.redis.client.call('CLIENT', 'LIST'));
    expect(clients.trim().split('\n').length).toBeLessThanOrEqual(POOLS_OF_REDIS + 1);
  });
});
