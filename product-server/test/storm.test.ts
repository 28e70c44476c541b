import { randomUUID } from 'node:crypto';
import { type Hold, HoldSchema } from '@doa-market/common/contracts';
import { createChance, until } from '@doa-market/common/testing';
import { type ServerProcess, startServerProcess } from '@doa-market/scripts/server-process';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveCrowd } from './support/crowd.ts';
import { openShop, type Shop } from './support/shop.ts';

const SERVERS = 3;
const BUYERS = 300;
const UNITS = 100;
const KILLS = 3;
/** Seconds */
const TTL = 2;

let shop: Shop;
let servers: ServerProcess[];
const chance = createChance(2_026);

const start = () => startServerProcess('product-server', { ...shop.env, LOG_LEVEL: 'warn' });

beforeAll(async () => {
  shop = await openShop();
  servers = await Promise.all(Array.from({ length: SERVERS }, start));
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.kill()));
  await shop.close();
});

/** Asks any server, and the next one while that is away or too busy, as a client does that must know. */
function insist(path: string, body?: object): Promise<{ status: number; body: unknown }> {
  return until(
    async () => {
      const response = await fetch(`${chance.pick(servers).url}/internal/v1${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${shop.token}`,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const answer: unknown = await response.json();
      return response.status < 500 && { status: response.status, body: answer };
    },
    `an answer to ${path}`,
    30_000,
  );
}

/** The hold, or undefined where the goods are gone. */
async function hold(path: string, wish: object, ttl = TTL): Promise<Hold | undefined> {
  const { status, body } = await insist(path, { owner: `buyer:${randomUUID()}`, key: 'storm', ttl, ...wish });
  if (status === 409) return undefined;
  expect(status).toBe(201);
  return Value.Parse(HoldSchema, body);
}

/** Most pay, some change their mind, some are never heard of again; who comes too late to pay is told so. */
async function shopFor(path: string, wish: object): Promise<Hold | undefined> {
  const made = await hold(path, wish);
  const mind = chance.below(10);
  if (!made || mind < 2) return undefined;
  if (mind < 4) {
    expect((await insist(`/holds/${made.id}/release`)).status).toBe(200);
    return undefined;
  }
  const { status, body } = await insist(`/holds/${made.id}/confirm`);
  expect([200, 409]).toContain(status);
  return status === 200 ? Value.Parse(HoldSchema, body) : undefined;
}

it('sells exactly what there is to hundreds at once, while its processes are killed', async () => {
  const [skuId = ''] = await shop.stock.skus(UNITS);
  const { id: eventId, seatIds } = await shop.boxOffice.open(UNITS);
  const sold: Hold[] = [];
  let served = 0;
  let kills = 0;
  let raging = Promise.resolve();

  async function strike(): Promise<void> {
    const victim = (chance.below(2) + kills) % SERVERS;
    await servers[victim]?.kill();
    kills += 1;
    servers[victim] = await start();
  }

  const buyers = chance.shuffled(
    Array.from({ length: 2 * BUYERS }, (_, buyer): [string, object] => {
      const many = 1 + chance.below(4);
      if (buyer % 2 === 0) return ['/holds', { items: [{ skuId, quantity: many }] }];
      return [`/events/${eventId}/holds`, { seatIds: chance.shuffled(seatIds).slice(0, many) }];
    }),
  );
  await serveCrowd(buyers, 60, async ([path, wish]) => {
    const bought = await shopFor(path, wish);
    if (bought) sold.push(bought);
    served += 1;
    if (served % Math.floor(buyers.length / (KILLS + 1)) === 0 && kills < KILLS) raging = raging.then(strike);
  });
  await raging;
  expect(kills).toBeGreaterThanOrEqual(KILLS);

  // Nothing is held for ever: what nobody paid for is there again, whoever was killed.
  await until(
    async () => (await shop.database.hold.count({ where: { state: 'HELD' } })) === 0,
    'the end of all holds',
  );
  const unitsSold = sold.flatMap(({ items }) => items).reduce((sum, { quantity }) => sum + quantity, 0);
  expect(await shop.stock.of([skuId])).toEqual([[UNITS - unitsSold, 0]]);
  const seatsSold = sold.flatMap(({ seats }) => seats.map(({ seatId }) => seatId));
  expect(new Set(seatsSold).size).toBe(seatsSold.length);
  const statuses = await shop.boxOffice.statuses(eventId);
  expect(seatIds.filter((_, place) => statuses[place] !== 'A').sort()).toEqual(seatsSold.sort());

  // All that is left can be sold, and then nothing more.
  for (let left = UNITS - unitsSold; left > 0; left -= 1) {
    const made = await hold('/holds', { items: [{ skuId, quantity: 1 }] }, 300);
    expect((await insist(`/holds/${made?.id}/confirm`)).status).toBe(200);
  }
  expect(await hold('/holds', { items: [{ skuId, quantity: 1 }] })).toBeUndefined();
  const free = seatIds.filter((seatId) => !seatsSold.includes(seatId));
  await serveCrowd(free, 20, async (seatId) => {
    const wish = { seatIds: [seatId] };
    const made = await until(() => hold(`/events/${eventId}/holds`, wish, 300), 'a seat', 15_000);
    expect((await insist(`/holds/${made.id}/confirm`)).status).toBe(200);
  });
  expect(await shop.boxOffice.statuses(eventId)).toBe('S'.repeat(UNITS));
  expect(await shop.stock.of([skuId])).toEqual([[0, 0]]);
}, 120_000);
