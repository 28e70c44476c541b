import { poolConfig } from '@doa-market/common/database';
import { PrismaPg } from '@prisma/adapter-pg';
import { Prisma, PrismaClient } from './generated/prisma/client.ts';

export type { PrismaClient as Database } from './generated/prisma/client.ts';
export type Transaction = Prisma.TransactionClient;

export const createDatabase = (url: string): PrismaClient =>
  new PrismaClient({ adapter: new PrismaPg(poolConfig(url, 'queue-server')) });

/** The database refused a second row of what may be there once. */
export const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';

/** The time of the database, which alone decides: clocks of processes may be wrong, or jump. */
export async function databaseTime(tx: Transaction): Promise<Date> {
  const [row] = await tx.$queryRaw<{ now: Date }[]>`SELECT clock_timestamp() AS now`;
  if (!row) throw new Error('the database does not know the time');
  return row.now;
}
