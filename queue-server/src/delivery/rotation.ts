import { envelopePrefix } from '@doa-market/common/personal-data';
import type { Database } from '../database.ts';
import type { Deliveries } from './deliveries.ts';

const BATCH = 200;
const FIRST = '00000000-0000-0000-0000-000000000000';

interface Row {
  id: string;
  delivery: string;
}

/**
 * Encrypts with the current key wherever an older one has: once that is done, the older ones can go. Small transactions;
 * one that is broken off leaves rows of both kinds, which is what the next run starts from. @returns how many
 */
export async function rotateDeliveries(database: Database, deliveries: Deliveries): Promise<number> {
  let rewritten = 0;
  for (let after = FIRST; ; ) {
    const rows = await rewriteBatch(database, deliveries, after);
    const last = rows.at(-1);
    if (!last) return rewritten;
    rewritten += rows.length;
    after = last.id;
  }
}

const rewriteBatch = (database: Database, deliveries: Deliveries, after: string): Promise<Row[]> =>
  database.$transaction(async (tx) => {
    const rows = await tx.$queryRaw<Row[]>`
      SELECT id, delivery FROM orders
      WHERE id > ${after}::uuid AND NOT starts_with(delivery, ${envelopePrefix(deliveries.currentKey)})
      ORDER BY id LIMIT ${BATCH} FOR NO KEY UPDATE`;
    const fresh = rows.map(({ id, delivery }) => deliveries.seal(id, deliveries.open(id, delivery)));
    await tx.$executeRaw`
      UPDATE orders SET delivery = fresh.delivery
      FROM unnest(${rows.map(({ id }) => id)}::uuid[], ${fresh}::text[]) AS fresh(id, delivery)
      WHERE orders.id = fresh.id`;
    return rows;
  });
