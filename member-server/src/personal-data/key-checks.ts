import { createHmac } from 'node:crypto';
import { ConfigError } from '@doa-market/common/config';
import type { Transaction } from '../database.ts';
import type { PersonalData } from './index.ts';

const KEYS = 'PII_KEYS:';
const INDEX_KEY = 'PII_INDEX_KEY';

const digestOf = (secret: Buffer): string =>
  createHmac('sha256', secret).update('doa-market key check').digest('base64url');

/**
 * Compares this server's keys with those that the database was written with: a wrong one would otherwise show as
 * members who cannot be found, and as rows that nobody can read. In a transaction, so that a refused key is not noted.
 * @throws {ConfigError} naming the variable
 */
export async function checkKeys({ keys, indexKey }: PersonalData, tx: Transaction): Promise<void> {
  await tx.keyCheck.createMany({
    data: [
      { name: KEYS + keys.current.id, digest: digestOf(keys.current.secret) },
      { name: INDEX_KEY, digest: digestOf(indexKey) },
    ],
    skipDuplicates: true,
  });
  const problems = (await tx.keyCheck.findMany({ orderBy: { name: 'asc' } })).flatMap(({ name, digest }) => {
    if (name === INDEX_KEY) {
      return digest === digestOf(indexKey) ? [] : ['PII_INDEX_KEY is not the one that this database has'];
    }
    const id = name.slice(KEYS.length);
    const secret = keys.find(id);
    if (!secret) return [`PII_KEYS lacks the key "${id}", with which rows are encrypted`];
    return digest === digestOf(secret) ? [] : [`PII_KEYS has another key "${id}" than this database`];
  });
  if (problems.length > 0) throw new ConfigError(problems);
}

/** From here on a server may start without the keys that no row needs any more. */
export async function forgetOldKeys({ keys }: PersonalData, tx: Transaction): Promise<void> {
  await tx.keyCheck.deleteMany({
    where: { name: { startsWith: KEYS }, NOT: { name: KEYS + keys.current.id } },
  });
}
