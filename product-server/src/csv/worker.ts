import { isDatabaseOutage } from '@doa-market/common/database';
import { ProblemError, toProblemError } from '@doa-market/common/errors';
import type { Logger } from '@doa-market/common/logging';
import type { Database, Transaction } from '../database.ts';
import type { Editor } from '../editor.ts';
import type { ProductService } from '../product/service.ts';
import { readHeader, readLine } from './columns.ts';
import { importLine, messageOf, type Outcome } from './import-line.ts';
import { type CsvRecord, recordsOf } from './records.ts';

/** Seconds after which another server takes over from one that says nothing any more. */
const LEASE = 30;
/** Milliseconds that one import is worked on before another one has its turn. */
const TURN = 5_000;

interface Claimed {
  id: string;
  ownerId: string;
  sellerId: string | null;
  file: Uint8Array;
  total: number;
  processed: number;
}

interface WorkerOptions {
  database: Database;
  products: ProductService;
  logger: Logger;
}

/**
 * Works through imports, a line in a transaction of its own, which also counts it: whoever is killed, and whenever, no
 * line is done twice and none is left out. Two servers that hold the same one notice at the next line.
 */
export function createImportWorker({ database, products, logger }: WorkerOptions) {
  let stopping = false;

  async function claim(): Promise<Claimed | undefined> {
    const [claimed] = await database.$queryRaw<Claimed[]>`
      UPDATE imports SET lease_until = clock_timestamp() + make_interval(secs => ${LEASE})
      WHERE id = (
        SELECT id FROM imports
        WHERE finished_at IS NULL AND (lease_until IS NULL OR lease_until < clock_timestamp())
        ORDER BY lease_until NULLS FIRST, id LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING id, owner_id AS "ownerId", seller_id AS "sellerId", file, total, processed`;
    return claimed;
  }

  /** The line is this worker's until the end of `tx`. @returns false when another one has done it */
  async function holdLine(id: string, index: number, tx: Transaction): Promise<boolean> {
    const held = await tx.$executeRaw`
      UPDATE imports SET lease_until = clock_timestamp() + make_interval(secs => ${LEASE})
      WHERE id = ${id}::uuid AND processed = ${index} AND finished_at IS NULL`;
    return held === 1;
  }

  const countLine = (id: string, outcome: Outcome | 'failed', tx: Transaction) =>
    tx.import.update({
      where: { id },
      data: { processed: { increment: 1 }, [outcome]: { increment: 1 } },
      select: { id: true },
    });

  /** @returns false when it is another worker's */
  async function fail(
    id: string,
    index: number,
    at: { line: number; slug: string | null },
    error: ProblemError,
  ) {
    return database.$transaction(async (tx) => {
      if (!(await holdLine(id, index, tx))) return false;
      const message = messageOf(error).slice(0, 1_000);
      await tx.importError.create({ data: { importId: id, ...at, message } });
      await countLine(id, 'failed', tx);
      return true;
    });
  }

  /** @returns false when it is another worker's */
  async function work(
    job: Claimed,
    index: number,
    columns: ReturnType<typeof readHeader>,
    record: CsvRecord,
  ): Promise<boolean> {
    const editor: Editor = { id: job.ownerId, sellerId: job.sellerId };
    let slug: string | null = null;
    try {
      if ('problem' in record) throw new ProblemError(422, 'REQ_4220', record.problem);
      const line = readLine(columns, record.cells);
      slug = line.slug?.slice(0, 120) ?? null;
      return await database.$transaction(async (tx) => {
        if (!(await holdLine(job.id, index, tx))) return false;
        await countLine(job.id, await importLine(products, editor, line, tx), tx);
        return true;
      });
    } catch (error) {
      if (isDatabaseOutage(error)) throw error;
      const problem = toProblemError(error);
      if (problem.status >= 500) logger.error({ err: error, import: job.id, line: record.line }, 'import');
      return fail(job.id, index, { line: record.line, slug }, problem);
    }
  }

  async function process(job: Claimed): Promise<number> {
    const until = performance.now() + TURN;
    let columns: ReturnType<typeof readHeader> | undefined;
    let [index, done] = [0, 0];
    for await (const record of recordsOf(new TextDecoder().decode(job.file))) {
      if (!columns) {
        columns = readHeader('cells' in record ? record.cells : []);
        continue;
      }
      if (index >= job.processed) {
        if (stopping || performance.now() > until) break;
        if (!(await work(job, index, columns, record))) return done;
        done += 1;
      }
      index += 1;
    }
    await letGo(job.id);
    return done;
  }

  /** Finishes what is done, and gives the rest to whoever comes next. */
  async function letGo(id: string): Promise<void> {
    await database.$executeRaw`
      UPDATE imports SET lease_until = clock_timestamp(),
        file = CASE WHEN processed = total THEN NULL ELSE file END,
        finished_at = CASE WHEN processed = total THEN clock_timestamp() END
      WHERE id = ${id}::uuid AND finished_at IS NULL`;
  }

  return {
    /** A turn at one import. @returns how many of its lines were done */
    async run(): Promise<number> {
      const job = stopping ? undefined : await claim();
      return job ? process(job) : 0;
    },
    /** Ends after the line that is being done. */
    stop(): void {
      stopping = true;
    },
  };
}
export type ImportWorker = ReturnType<typeof createImportWorker>;
