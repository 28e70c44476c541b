import type { Database } from '../database.ts';
import type { Prisma } from '../generated/prisma/client.ts';

/** From how many on a total is remembered, for how many milliseconds, and how many totals. */
const LARGE = 10_000;
const FRESH_FOR = 10_000;
const MOST = 500;

interface Known {
  total: number;
  at: number;
  renewing: boolean;
}

export async function countProducts(database: Database, where: Prisma.Sql): Promise<number> {
  const [row] = await database.$queryRaw<[{ total: bigint }]>`
    SELECT count(*) AS total FROM products product WHERE ${where}`;
  return Number(row.total);
}

/**
 * How many products a list has. Counting a long list takes longer than reading a page of it, and nobody sees the
 * difference of a few: a large total may be seconds old, and is counted anew behind the answer that it is old for.
 */
export function createCounts(count: (where: Prisma.Sql) => Promise<number>, now = Date.now) {
  const known = new Map<string, Known>();

  async function renew(key: string, where: Prisma.Sql): Promise<number> {
    const total = await count(where);
    known.delete(key);
    if (total >= LARGE) known.set(key, { total, at: now(), renewing: false });
    const [oldest] = known.keys();
    if (known.size > MOST && oldest !== undefined) known.delete(oldest);
    return total;
  }

  return async (where: Prisma.Sql): Promise<number> => {
    const key = JSON.stringify([where.sql, where.values]);
    const before = known.get(key);
    if (!before) return renew(key, where);
    if (now() - before.at > FRESH_FOR && !before.renewing) {
      before.renewing = true;
      // Whoever asks next tries again.
      renew(key, where).catch(() => known.delete(key));
    }
    return before.total;
  };
}
export type Counts = ReturnType<typeof createCounts>;
