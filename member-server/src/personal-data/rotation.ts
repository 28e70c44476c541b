import { envelopePrefix } from '@doa-market/common/personal-data';
import type { Database, Transaction } from '../database.ts';
import { columnOf, keyColumnOf, PERSONAL_FIELDS, type PersonalField, type PersonalTable } from './fields.ts';
import type { PersonalData } from './index.ts';
import { forgetOldKeys } from './key-checks.ts';

const BATCH = 200;
const FIRST = '00000000-0000-0000-0000-000000000000';

/** What becomes of rows that somebody else holds: they are left out, or waited for. */
type Locked = 'SKIP LOCKED' | '';
type Row = { id: string } & Record<string, string | null>;

/**
 * Encrypts every value with the current key that an older one has encrypted. Small transactions, so that readers and
 * writers hardly notice; one that was broken off leaves rows of both kinds, which is what the next run starts from.
 * @returns how many rows were rewritten
 */
export async function rotate(database: Database, personalData: PersonalData): Promise<number> {
  let rewritten = 0;
  for (const table of Object.keys(PERSONAL_FIELDS) as PersonalTable[]) {
    rewritten += await pass(database, personalData, table, 'SKIP LOCKED');
    // Those that somebody held are waited for.
    rewritten += await pass(database, personalData, table, '');
  }
  await forgetOldKeys(personalData, database);
  return rewritten;
}

const staleIn = (columns: string[]): string =>
  columns.map((column) => `(${column} IS NOT NULL AND NOT starts_with(${column}, $1))`).join(' OR ');

const columnsOf = <T extends PersonalTable>(table: T) =>
  (Object.keys(PERSONAL_FIELDS[table]) as PersonalField<T>[]).map((field) => columnOf(table, field));

/** Once through the table in the order of its key. */
async function pass(
  database: Database,
  personalData: PersonalData,
  table: PersonalTable,
  locked: Locked,
): Promise<number> {
  let rewritten = 0;
  let after = FIRST;
  for (;;) {
    const ids = await database.$transaction((tx) => rewriteBatch(tx, personalData, table, after, locked));
    const last = ids.at(-1);
    if (last === undefined) return rewritten;
    rewritten += ids.length;
    after = last;
  }
}

async function rewriteBatch(
  tx: Transaction,
  personalData: PersonalData,
  table: PersonalTable,
  after: string,
  locked: Locked,
): Promise<string[]> {
  const key = keyColumnOf(table);
  const columns = columnsOf(table);
  const rows = await tx.$queryRawUnsafe<Row[]>(
    `SELECT ${key}::text AS id, ${columns.join(', ')} FROM ${table}
     WHERE ${key} > $2::uuid AND (${staleIn(columns)})
     ORDER BY ${key} LIMIT ${BATCH} FOR UPDATE ${locked}`,
    envelopePrefix(personalData.keys.current.id),
    after,
  );
  if (rows.length === 0) return [];
  const values = columns.map((column) =>
    rows.map((row) => personalData.reseal(table, column, row.id, row[column] ?? null)),
  );
  await tx.$executeRawUnsafe(
    `UPDATE ${table} SET ${columns.map((column) => `${column} = fresh.${column}`).join(', ')}
     FROM unnest($1::uuid[], ${columns.map((_, at) => `$${at + 2}::text[]`).join(', ')})
       AS fresh(id, ${columns.join(', ')})
     WHERE ${table}.${key} = fresh.id`,
    rows.map(({ id }) => id),
    ...values,
  );
  return rows.map(({ id }) => id);
}
