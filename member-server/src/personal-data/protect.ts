import type { Database, Transaction } from '../database.ts';
import type { PersonalData } from './index.ts';
import { checkKeys } from './key-checks.ts';

const BATCH = 100;

interface PlainRow {
  id: string;
  email: string;
  name: string;
  updated_at: Date;
}

/**
 * What happens before the server listens: its keys are those of the database, and members of before encryption are
 * encrypted. SQL cannot do the latter without the key, so it is not a migration; it is done once and may be broken
 * off, as a row without an index is what still has to be done.
 */
export async function protectPersonalData(database: Database, personalData: PersonalData): Promise<void> {
  await database.$transaction((tx) => checkKeys(personalData, tx));
  while ((await database.$transaction((tx) => encryptBatch(tx, personalData))) > 0);
}

async function encryptBatch(tx: Transaction, personalData: PersonalData): Promise<number> {
  const rows = await tx.$queryRaw<PlainRow[]>`
    SELECT id, email, name, updated_at FROM members WHERE email_index IS NULL AND erased_at IS NULL
    ORDER BY id LIMIT ${BATCH} FOR UPDATE`;
  for (const { id, email, name, updated_at: updatedAt } of rows) {
    const data = {
      ...personalData.seal('members', id, { email, name }),
      emailIndex: personalData.index('email', email),
      nameIndex: personalData.index('name', name),
      updatedAt,
    };
    await tx.member.update({ where: { id }, data });
  }
  return rows.length;
}
