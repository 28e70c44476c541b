import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createLogger } from '@doa-market/common/logging';
import { type TemporaryDatabase, temporaryDatabase } from '@doa-market/scripts/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createImportWorker } from '../src/csv/worker.ts';
import { createDatabase, type Database } from '../src/database.ts';
import { createIdempotency } from '../src/idempotency/service.ts';
import { createProductService } from '../src/product/service.ts';
import { createFixtures } from './fixtures.ts';

const LINES = 30;
const logger = createLogger({ name: 'test', level: 'silent' });

let store: TemporaryDatabase;
let database: Database;
let ownerId: string;
let id: string;
const opened: Database[] = [];

beforeAll(async () => {
  store = await temporaryDatabase(fileURLToPath(new URL('../prisma/migrations', import.meta.url)));
  const fixtures = createFixtures(store.url);
  await fixtures.category('living', 0);
  database = fixtures.database;
});
afterAll(async () => {
  await Promise.all([database, ...opened].map((it) => it.$disconnect()));
  await store.drop();
});
beforeEach(async () => {
  ownerId = randomUUID();
  const lines = Array.from(
    { length: LINES },
    (_, at) => `${ownerId.slice(0, 8)}-${at},램프,도아,living,1000\n`,
  );
  const file = new TextEncoder().encode(`slug,name,brand,category,price\n${lines.join('')}`);
  id = (await database.import.create({ data: { ownerId, sellerId: ownerId, total: LINES, file } })).id;
});

/** A server's worker, with something that happens inside the transaction of every line. */
function newWorker(duringLine: () => Promise<void> = async () => undefined) {
  const own = createDatabase(store.url);
  opened.push(own);
  const products = createProductService({ database: own, idempotency: createIdempotency(own) });
  const createIn: typeof products.createIn = async (...line) => {
    const product = await products.createIn(...line);
    await duringLine();
    return product;
  };
  return createImportWorker({ database: own, products: { ...products, createIn }, logger });
}
const stored = () => database.import.findUniqueOrThrow({ where: { id } });
const endLease = () => database.$executeRaw`
  UPDATE imports SET lease_until = clock_timestamp() - interval '1 second' WHERE id = ${id}::uuid`;

async function finish(): Promise<void> {
  const worker = newWorker();
  for (;;) {
    await endLease();
    await worker.run();
    if ((await stored()).finishedAt) return;
  }
}

async function expectEachLineOnce(): Promise<void> {
  expect(await stored()).toMatchObject({
    total: LINES,
    processed: LINES,
    created: LINES,
    failed: 0,
    file: null,
  });
  expect(await database.product.count({ where: { sellerId: ownerId } })).toBe(LINES);
}

describe('an import', () => {
  it('whose server loses the database in the middle of a line goes on where it was', async () => {
    let lines = 0;
    const victim = newWorker(async () => {
      lines += 1;
      if (lines < 10) return;
      await database.$executeRaw`
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`;
    });
    await expect(victim.run()).rejects.toThrow();
    expect((await stored()).processed).toBe(9);
    await finish();
    await expectEachLineOnce();
  });

  it('whose server is stopped is let go at once, after the line that was being done', async () => {
    let lines = 0;
    const worker = newWorker(async () => {
      lines += 1;
      if (lines === 5) worker.stop();
    });
    expect(await worker.run()).toBe(5);
    expect(await worker.run()).toBe(0);
    expect(await newWorker().run()).toBeGreaterThan(0);
    await finish();
    await expectEachLineOnce();
  });

  it('that two servers hold, as one has slept through its lease, is done by one of them', async () => {
    const rival = newWorker();
    let overtaken: Promise<number> | undefined;
    const sleeper = newWorker(async () => {
      overtaken ??= endLease().then(() => rival.run());
    });
    await sleeper.run();
    await overtaken;
    await finish();
    await expectEachLineOnce();
  });

  it('is left alone while another server works on it', async () => {
    const answers: number[] = [];
    const onlooker = newWorker();
    const worker = newWorker(async () => {
      if (answers.length === 0) answers.push(await onlooker.run());
    });
    await worker.run();
    expect(answers).toEqual([0]);
    await finish();
  });
});
