import { fileURLToPath } from 'node:url';
import { type TemporaryDatabase, temporaryDatabase } from '@doa-market/scripts/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type Database } from '../src/database.ts';
import { keysOf } from '../src/search/keyboard.ts';
import { normalise } from '../src/search/normalise.ts';
import { documentTerms } from '../src/search/terms.ts';

let store: TemporaryDatabase;
let database: Database;

beforeAll(async () => {
  store = await temporaryDatabase(fileURLToPath(new URL('../prisma/migrations', import.meta.url)));
  database = createDatabase(store.url);
});
afterAll(async () => {
  await database.$disconnect();
  await store.drop();
});

/** Numbers that are the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** From where the characters of the strings come: `[first, last]` of code points, the usual ones several times. */
const RANGES = [
  ...Array(8).fill([0xac00, 0xd7a3]),
  ...Array(3).fill([0x20, 0x7e]),
  [0x3131, 0x3163],
  [0x1100, 0x11c2],
  [0xff01, 0xff5e],
  [0xa0, 0x17f],
  [0x300, 0x320],
  [0x200b, 0x200f],
  [0x3041, 0x3096],
  [0x4e00, 0x4fff],
  [0x2460, 0x2473],
  [0x3380, 0x33a0],
  [0x3200, 0x321e],
  [0x1f600, 0x1f640],
] as [number, number][];

function strings(count: number): string[] {
  const random = seeded(20_261_121);
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  const character = () => {
    const [first, last] = pick(RANGES);
    return random() < 0.15 ? ' ' : String.fromCodePoint(first + Math.floor(random() * (last - first + 1)));
  };
  return Array.from({ length: count }, () => {
    const text = Array.from({ length: 1 + Math.floor(random() * 24) }, character).join('');
    return random() < 0.3 ? text.normalize('NFD') : text;
  });
}

describe('the database and the server agree', () => {
  const texts = strings(4_000);

  it('on what a text is compared as', async () => {
    const rows = await database.$queryRaw<{ normal: string }[]>`
      SELECT search_normal(text_) AS normal FROM unnest(${texts}::text[]) WITH ORDINALITY AS it (text_, place)
      ORDER BY place`;
    expect(rows.map(({ normal }) => normal)).toEqual(texts.map(normalise));
  });

  it('on the keys that type it', async () => {
    const normal = texts.map(normalise);
    const rows = await database.$queryRaw<{ keys: string }[]>`
      SELECT search_keys(text_) AS keys FROM unnest(${normal}::text[]) WITH ORDINALITY AS it (text_, place)
      ORDER BY place`;
    expect(rows.map(({ keys }) => keys)).toEqual(normal.map(keysOf));
  });

  it('on the terms by which a product is found', async () => {
    const products = Array.from({ length: texts.length / 4 }, (_, index) => {
      const [name = '', brand = '', option = '', description = ''] = texts.slice(index * 4, index * 4 + 4);
      return { name, brand, description, options: [option, '블랙'], categoryId: `019${index}` };
    });
    const category = '0199f3a0-6f2e-7c31-9b4d-2f1a8c5e7d90';
    const rows = await database.$queryRaw<{ terms: string[] }[]>`
      SELECT search_terms(it->>'name', it->>'brand', it->>'description', ${category}::uuid,
                          ARRAY(SELECT jsonb_array_elements_text(it->'options'))) AS terms
      FROM jsonb_array_elements(${JSON.stringify(products)}::jsonb) WITH ORDINALITY AS list (it, place)
      ORDER BY place`;
    const expected = products.map((it) => [...documentTerms({ ...it, categoryId: category })].sort());
    expect(rows.map(({ terms }) => terms.toSorted())).toEqual(expected);
  });
});
