import type { Transaction } from '../database.ts';
import { Prisma } from '../generated/prisma/client.ts';

const TABLES = { skus: Prisma.raw('skus'), seats: Prisma.raw('seats') };

/**
 * Locks rows that are about to be changed, in the order of their ids, so that nobody waits in a circle; one row needs no
 * order. A statement of its own: one that locks and changes at once changes rows as they were when it began, and where
 * they have changed meanwhile PostgreSQL queues for the old version of a row while it has the new one, and others the
 * other way round.
 */
export async function lockInOrder(
  tx: Transaction,
  table: keyof typeof TABLES,
  things: readonly { id: string }[],
): Promise<void> {
  if (things.length < 2) return;
  const ids = things.map(({ id }) => id);
  await tx.$queryRaw`
    SELECT FROM ${TABLES[table]} WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR NO KEY UPDATE`;
}
