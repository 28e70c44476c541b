import { open, parseKeyRing, placeOf, seal } from '@doa-market/common/personal-data';
import { createBlindIndex } from './blind-index.ts';
import { columnOf, type PersonalField, type PersonalTable } from './fields.ts';

type Values<T extends PersonalTable> = { [F in PersonalField<T>]?: string | null };

interface Secrets {
  PII_KEYS: string;
  PII_INDEX_KEY: string;
}

/** Encrypts what says who somebody is, and finds it again. Every value is bound to its table, column and row. */
export function createPersonalData({ PII_KEYS, PII_INDEX_KEY }: Secrets) {
  const keys = parseKeyRing(PII_KEYS);
  const indexKey = Buffer.from(PII_INDEX_KEY, 'base64');

  function each<T extends PersonalTable, V extends Values<T>>(
    work: typeof seal,
    table: T,
    rowId: string,
    values: V,
  ): V {
    const entries = Object.entries<string | null | undefined>(values).map(([field, value]) => {
      const place = placeOf(table, columnOf(table, field as PersonalField<T>), rowId);
      return [field, value == null ? value : work(keys, place, value)];
    });
    return Object.fromEntries(entries) as V;
  }

  return {
    keys,
    indexKey,
    /** The same fields, encrypted for one row; what is null stays null. */
    seal: <T extends PersonalTable, V extends Values<T>>(table: T, rowId: string, values: V): V =>
      each(seal, table, rowId, values),
    /** The same fields, decrypted. @throws {EnvelopeError} for a value that belongs to another row or key. */
    open: <T extends PersonalTable, V extends Values<T>>(table: T, rowId: string, values: V): V =>
      each(open, table, rowId, values),
    /** What a column holds, encrypted with the current key. */
    reseal(table: PersonalTable, column: string, rowId: string, envelope: string | null): string | null {
      const place = placeOf(table, column, rowId);
      return envelope === null ? null : seal(keys, place, open(keys, place, envelope));
    },
    index: createBlindIndex(indexKey),
  };
}
export type PersonalData = ReturnType<typeof createPersonalData>;
