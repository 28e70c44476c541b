import {
  type Import,
  type ImportReport,
  ImportSchema,
  MAX_RUNNING_IMPORTS,
} from '@doa-market/common/contracts';
import { conflict, invalidFields, notFound } from '@doa-market/common/errors';
import type { NamedWrite } from '@doa-market/common/server';
import type { Database } from '../database.ts';
import type { Editor } from '../editor.ts';
import type { ImportModel } from '../generated/prisma/models.ts';
import type { Idempotency } from '../idempotency/service.ts';
import { readHeader } from './columns.ts';
import { recordsOf } from './records.ts';
import { textOf } from './text.ts';

const REPORTED = 100;
/** Milliseconds that what was done is remembered. */
const RETENTION = 30 * 86_400_000;

/** Files of products: taken here, worked on by the worker. */
export function createImports({ database, idempotency }: { database: Database; idempotency: Idempotency }) {
  return {
    /** @throws {ProblemError} 422 for what is no CSV of products, 409 while enough of the caller's are running */
    async begin({ id: ownerId, sellerId }: Editor, file: Buffer, write?: NamedWrite): Promise<Import> {
      const text = textOf(file);
      const total = await countLines(text);
      const { result } = await idempotency.once(write, ImportSchema, async (tx) => {
        // One at a time of each owner, so that two who count do not both find room for the last one.
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`imports:${ownerId}`}, 0))`;
        const running = await tx.import.count({ where: { ownerId, finishedAt: null } });
        if (running >= MAX_RUNNING_IMPORTS) throw conflict(`${running} imports are running.`);
        const data = { ownerId, sellerId, total, file: new TextEncoder().encode(text) };
        return toImport(await tx.import.create({ data }));
      });
      return result;
    },

    /** @throws {ProblemError} 404, also for another member's */
    async report({ id: ownerId, sellerId }: Editor, id: string, afterLine = 0): Promise<ImportReport> {
      const found = await database.import.findFirst({
        where: { id, ...(sellerId !== null && { ownerId }) },
        omit: { file: true },
        include: { errors: { where: { line: { gt: afterLine } }, orderBy: { line: 'asc' }, take: REPORTED } },
      });
      if (!found) throw notFound('The import');
      const errors = found.errors.map(({ line, slug, message }) => ({ line, slug, message }));
      return { ...toImport(found), errors };
    },

    /** Forgets what was done a month ago. @returns how many */
    async sweep(now = new Date()): Promise<number> {
      const finishedAt = { lt: new Date(now.getTime() - RETENTION) };
      return (await database.import.deleteMany({ where: { finishedAt } })).count;
    },
  };
}
export type Imports = ReturnType<typeof createImports>;

/** How many lines there are below the header. @throws {ProblemError} 422 */
async function countLines(text: string): Promise<number> {
  let count = -1;
  for await (const record of recordsOf(text)) {
    count += 1;
    if (count > 0) continue;
    if ('problem' in record) throw refused(`line 1: ${record.problem}`);
    readHeader(record.cells);
  }
  if (count < 1) throw refused('has no lines below the names of the columns');
  return count;
}

const refused = (message: string) => invalidFields([{ field: 'body', message }]);

function toImport(row: Omit<ImportModel, 'file'>): Import {
  const { id, total, processed, created, updated, unchanged, failed, createdAt, finishedAt } = row;
  return {
    ...{ id, status: finishedAt ? 'DONE' : 'RUNNING', total, processed, created, updated, unchanged, failed },
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}
