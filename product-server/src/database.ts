import { poolConfig } from '@doa-market/common/database';
import { conflict } from '@doa-market/common/errors';
import { PrismaPg } from '@prisma/adapter-pg';
import { Prisma, PrismaClient } from './generated/prisma/client.ts';

export type { PrismaClient as Database } from './generated/prisma/client.ts';
/** What a repository's verbs take: a transaction, or the database itself. */
export type Transaction = Prisma.TransactionClient;

export const createDatabase = (url: string): PrismaClient =>
  new PrismaClient({ adapter: new PrismaPg(poolConfig(url, 'product-server')) });

/** The database refused a second row of what may be there once. */
export const isUniqueViolation = (error: unknown): boolean =>
  error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002';

const LOCK_TIMEOUT = '55P03';

/** The database refused to wait any longer for what somebody else has locked. */
export const isLockTimeout = (error: unknown): boolean =>
  error instanceof Prisma.PrismaClientKnownRequestError && JSON.stringify(error.meta).includes(LOCK_TIMEOUT);

/** A write that a unique index refuses is a conflict that `detail` tells of. @throws {ProblemError} 409 */
export async function orConflict<T>(write: Promise<T>, detail: string): Promise<T> {
  return write.catch((error: unknown): never => {
    throw isUniqueViolation(error) ? conflict(detail) : error;
  });
}
