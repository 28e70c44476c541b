import { poolConfig } from '@doa-market/common/database';
import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from './generated/prisma/client.ts';

export type { PrismaClient as Database } from './generated/prisma/client.ts';
export type Transaction = Prisma.TransactionClient;

export const createDatabase = (url: string): PrismaClient =>
  new PrismaClient({ adapter: new PrismaPg(poolConfig(url, 'queue-server')) });
