import { Readable } from 'node:stream';
import type { Database } from '../database.ts';
import type { Editor } from '../editor.ts';
import { managedInclude, toState } from '../product/managed.ts';
import { headerLine, toLine } from './columns.ts';

/** Products in one query and one piece of the stream. */
const BATCH = 200;
/** By it Excel knows UTF-8. */
const MARK = '\uFEFF';

/** The editor's products as CSV, as they are read: however many there are, few of them are in memory. */
export function exportProducts(database: Database, { sellerId }: Editor): Readable {
  async function* lines(): AsyncGenerator<string> {
    yield MARK + headerLine();
    let after: string | undefined;
    do {
      const rows = await database.product.findMany({
        where: {
          deletedAt: null,
          ...(sellerId !== null && { sellerId }),
          ...(after && { id: { gt: after } }),
        },
        orderBy: { id: 'asc' },
        take: BATCH,
        include: managedInclude,
      });
      if (rows.length > 0) yield rows.map((row) => toLine(toState(row))).join('');
      after = rows.length === BATCH ? rows.at(-1)?.id : undefined;
    } while (after !== undefined);
  }
  return Readable.from(lines(), { objectMode: false });
}
