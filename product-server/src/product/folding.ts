import type { Transaction } from '../database.ts';

/**
 * Whether this transaction may fold figures into products: one at a time, of any kind, as two that came to the same
 * products in other orders would wait for each other.
 */
export async function mayFold(tx: Transaction): Promise<boolean> {
  const [lock] = await tx.$queryRaw<{ free: boolean }[]>`
    SELECT pg_try_advisory_xact_lock(hashtextextended('fold figures', 0)) AS free`;
  return lock?.free ?? false;
}
