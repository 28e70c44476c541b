import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Hold } from '@doa-market/common/contracts';
import { ProblemError } from '@doa-market/common/errors';
import type { Redis } from '@doa-market/common/redis';
import { type Chance, createChance, until } from '@doa-market/common/testing';
import { type TemporaryDatabase, temporaryDatabase } from '@doa-market/scripts/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInventory } from '../src/inventory/inventory.ts';
import type { ShelfName } from '../src/inventory/shelf.ts';
import { foldSales } from '../src/product/sales.ts';
import { type BoxOffice, createBoxOffice } from './support/box-office.ts';
import { serveCrowd } from './support/crowd.ts';
import { redisFor } from './support/shop.ts';
import { createStock, type Stock } from './support/stock.ts';
import { createStockOracle, type OracleLine, type Outcome } from './support/stock-oracle.ts';

/** No server runs on this database: nobody takes back what has expired but the tests themselves. */
let store: TemporaryDatabase;
let stock: Stock;
let boxOffice: BoxOffice;
let nowhere: Redis;
let inventory: ReturnType<typeof createInventory>;

beforeAll(async () => {
  store = await temporaryDatabase(fileURLToPath(new URL('../prisma/migrations', import.meta.url)));
  stock = createStock(store.url);
  boxOffice = createBoxOffice(stock.database);
  nowhere = await redisFor('redis://127.0.0.1:1');
  inventory = createInventory(stock.database, nowhere);
});
afterAll(async () => {
  nowhere.disconnect();
  await stock.close();
  await store.drop();
});

async function outcomeOf(call: Promise<Hold>): Promise<Outcome> {
  try {
    return (await call).state;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const { code, unavailable } = error;
    return unavailable ? { code, unavailable } : { code };
  }
}

interface Subject {
  shelf: ShelfName;
  ids: string[];
  units: Map<string, number>;
  /** `[on hand, held]` of each, as the database has it. */
  read: () => Promise<[number, number][]>;
  /** How many were sold and have not come back, as others read it. */
  sold: () => Promise<number>;
}

async function someSkus(): Promise<Subject> {
  const ids = (await stock.skus(6, 3, 9)).sort();
  const units = new Map(ids.map((id, place) => [id, [6, 3, 9][place] ?? 0]));
  await Promise.all(
    ids.map((id) => stock.database.sku.update({ where: { id }, data: { onHand: units.get(id) ?? 0 } })),
  );
  const sold = async () => {
    await foldSales(stock.database);
    const product = await stock.database.product.findFirst({
      where: { skus: { some: { id: ids[0] ?? '' } } },
    });
    return product?.salesCount ?? Number.NaN;
  };
  return { shelf: 'sku', ids, units, read: () => stock.of(ids), sold };
}

async function someSeats(): Promise<Subject> {
  const { id: eventId, seatIds } = await boxOffice.open(6);
  const letters: Record<string, [number, number]> = { A: [1, 0], H: [1, 1], S: [0, 0] };
  const read = async () =>
    [...(await boxOffice.statuses(eventId))].map((it): [number, number] => letters[it] ?? [-1, -1]);
  const sold = async () => [...(await boxOffice.statuses(eventId))].filter((it) => it === 'S').length;
  return { shelf: 'seat', ids: seatIds, units: new Map(seatIds.map((id) => [id, 1])), read, sold };
}

function someLines(chance: Chance, { shelf, ids }: Subject): OracleLine[] {
  const chosen = chance
    .shuffled(ids)
    .slice(0, 1 + chance.below(3))
    .sort();
  return chosen.map((id) => ({ id, quantity: shelf === 'seat' ? 1 : 1 + chance.below(4) }));
}

/** One line of three or more is asked for in two parts: the same thing twice. */
const inParts = (lines: OracleLine[]): OracleLine[] =>
  lines.flatMap(({ id, quantity }) =>
    quantity > 2
      ? [
          { id, quantity: quantity - 1 },
          { id, quantity: 1 },
        ]
      : [{ id, quantity }],
  );

/** Seconds: nothing ever ends at the very moment that time has come to. */
const LIVES = [100, 1_000];
const STEP = 150;
const STEPS = 60;

describe.each([
  ['units of SKUs', someSkus],
  ['seats', someSeats],
] as const)('%s', { timeout: 60_000 }, (_name, prepare) => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'are kept as somebody with paper and pencil keeps them, seed %i',
    async (seed) => {
      const chance = createChance(seed);
      const subject = await prepare();
      const oracle = createStockOracle(subject.units);
      const owner = `trace:${randomUUID()}`;
      const ids = new Map<string, string>();
      const idOf = (name: string): string => ids.get(name) ?? randomUUID();
      const anyName = () => chance.pick([...oracle.names(), 'never-made']);
      const wishes = new Map<string, OracleLine[]>();

      async function hold(name: string, lines: OracleLine[], ttl: number): Promise<Outcome> {
        const wish = { owner, key: name, ttl, shelf: subject.shelf, lines: chance.shuffled(inParts(lines)) };
        const made = inventory.holds.hold(wish).then((it) => {
          ids.set(name, it.id);
          return it;
        });
        return outcomeOf(made);
      }

      const steps: (() => Promise<[unknown, unknown]>)[] = [
        async () => {
          const name = `hold-${chance.below(30)}`;
          const lines =
            chance.below(5) > 0
              ? (wishes.get(name) ?? someLines(chance, subject))
              : someLines(chance, subject);
          if (!wishes.has(name)) wishes.set(name, lines);
          const ttl = chance.pick(LIVES);
          return [await hold(name, lines, ttl), oracle.hold(name, lines, ttl)];
        },
        async () => {
          const [name, ttl] = [anyName(), chance.pick(LIVES)];
          return [await outcomeOf(inventory.holds.extend(idOf(name), ttl)), oracle.extend(name, ttl)];
        },
        async () => {
          const name = anyName();
          return [await outcomeOf(inventory.holds.confirm(idOf(name))), oracle.confirm(name)];
        },
        async () => {
          const name = anyName();
          return [await outcomeOf(inventory.holds.release(idOf(name))), oracle.release(name)];
        },
        async () => {
          const name = anyName();
          return [await outcomeOf(inventory.holds.giveBack(idOf(name))), oracle.giveBack(name)];
        },
        async () => {
          await stock.pass(STEP);
          oracle.pass(STEP);
          return [0, 0];
        },
        async () => [await inventory.sweep(), oracle.sweep()],
      ];
      // Holds are what the rest is about.
      const weighted = [0, 0, 0, 0, 1, 2, 2, 3, 4, 5, 6];
      for (let step = 0; step < STEPS; step += 1) {
        const [real, expected] = (await steps[chance.pick(weighted)]?.()) ?? expect.fail();
        expect(real, `step ${step}`).toEqual(expected);
        expect(await subject.read(), `step ${step}`).toEqual(oracle.of(subject.ids));
      }
      expect(await subject.sold()).toBe(oracle.sold());
      await stock.database
        .$executeRaw`UPDATE holds SET state = 'RELEASED' WHERE owner = ${owner} AND state = 'HELD'`;
    },
  );
});

describe('many at once', () => {
  it('never wait for each other in a circle, in whatever order they ask', async () => {
    const ids = await stock.skus(400, 400, 400, 400, 400);
    const chance = createChance(7);
    const orders = Array.from({ length: 120 }, (_, buyer) => ({
      ...{ owner: `buyer:${buyer}`, key: 'shuffled', ttl: 100, shelf: 'sku' as const },
      lines: chance.shuffled(ids).map((id) => ({ id, quantity: 1 })),
    }));
    // Ten connections for each of two processes, and as many at work.
    const other = createStock(store.url);
    const inventories = [inventory, createInventory(other.database, nowhere)] as const;
    await serveCrowd(orders, 20, async (order, buyer) => {
      const { holds, sweep } = inventories[buyer % 2 === 0 ? 0 : 1];
      const { id } = await holds.hold(order);
      if (buyer % 4 === 0)
        await stock.database.$executeRaw`UPDATE holds SET expires_at = now() WHERE id = ${id}::uuid`;
      if (buyer % 4 === 1) await holds.release(id);
      if (buyer % 4 === 2) await holds.confirm(id);
      if (buyer % 8 === 2) await holds.giveBack(id);
      if (buyer % 4 === 3) await sweep();
      if (buyer % 8 === 3) await foldSales(stock.database);
    });
    await other.close();
    for (let swept = 1; swept > 0; ) swept = await inventory.sweep();
    // An eighth was sold for good, a quarter is still held (those who swept), the rest is there again.
    expect(await stock.of(ids)).toEqual(ids.map(() => [385, 30]));
  });

  it('get all that there is, when it is enough for all of them', async () => {
    const ids = await stock.skus(60);
    const [id = ''] = ids;
    const buyers = Array.from({ length: 60 }, (_, buyer) => `buyer:${buyer}`);
    await serveCrowd(buyers, 10, (owner) =>
      inventory.holds.hold({ owner, key: 'enough', ttl: 100, shelf: 'sku', lines: [{ id, quantity: 1 }] }),
    );
    expect(await stock.of(ids)).toEqual([[60, 60]]);
  });
});

describe('a hold whose time is over', () => {
  it('is waited for by who needs what is just being taken back', async () => {
    const [id = ''] = await stock.skus(5);
    const lines = [{ id, quantity: 3 }];
    await inventory.holds.hold({ owner: 'over', key: 'a', ttl: 1, shelf: 'sku', lines });
    await stock.pass(10);
    const next = await stock.database.$transaction(async (tx) => {
      // As another process does that takes it back, and has come as far as to what everybody wants.
      await tx.$executeRaw`UPDATE holds SET state = 'EXPIRED' WHERE owner = 'over'`;
      await tx.$executeRaw`UPDATE skus SET held = 0 WHERE id = ${id}::uuid`;
      const wish = { owner: 'waits', key: 'a', ttl: 100, shelf: 'sku' as const, lines };
      const waiting = inventory.holds.hold(wish);
      await until(async () => {
        const [row] = await stock.database.$queryRaw<{ waiting: boolean }[]>`
          SELECT EXISTS (SELECT FROM pg_stat_activity
                         WHERE datname = current_database() AND wait_event_type = 'Lock') AS waiting`;
        return row?.waiting;
      }, 'somebody who waits');
      return { waiting };
    });
    expect(await next.waiting).toMatchObject({ state: 'HELD' });
    expect(await stock.of([id])).toEqual([[5, 3]]);
  });

  it('is left alone while it is being confirmed', async () => {
    const [id = ''] = await stock.skus(5);
    const lines = [{ id, quantity: 3 }];
    const made = await inventory.holds.hold({ owner: 'late', key: 'a', ttl: 1, shelf: 'sku', lines });
    await stock.pass(10);
    await stock.database.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT FROM holds WHERE id = ${made.id}::uuid FOR UPDATE`;
      await inventory.sweep();
      await expect(
        inventory.holds.hold({ owner: 'next', key: 'a', ttl: 1, shelf: 'sku', lines }),
      ).rejects.toMatchObject({ code: 'INV_4090', unavailable: [{ id, available: 2 }] });
    });
    expect(await stock.of([id])).toEqual([[5, 3]]);
    expect(await inventory.sweep()).toBe(1);
  });
});
