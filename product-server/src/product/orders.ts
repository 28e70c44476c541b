import { invalidFields } from '@doa-market/common/errors';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { Prisma } from '../generated/prisma/client.ts';
import { type ProductQuery, ProductSortSchema } from './schemas.ts';

/** The orders of a list of products, and the places in them where a page ends. */

type Sort = ProductQuery['sort'];

/** Each order is by one column and then by the id, so that pages never overlap. */
const COLUMNS: Record<Sort, { column: Prisma.Sql; descending: boolean; type: Prisma.Sql }> = {
  popular: { column: Prisma.sql`sales_count`, descending: true, type: Prisma.sql`int` },
  newest: { column: Prisma.sql`created_at`, descending: true, type: Prisma.sql`timestamptz` },
  discount: { column: Prisma.sql`discount_rate`, descending: true, type: Prisma.sql`int` },
  'price-asc': { column: Prisma.sql`price`, descending: false, type: Prisma.sql`int` },
  'price-desc': { column: Prisma.sql`price`, descending: true, type: Prisma.sql`int` },
};

export interface Place {
  sort: Sort;
  /** Of the order's column, as PostgreSQL reads it. */
  value: string;
  id: string;
}

const Cursor = Compile(
  Type.Tuple([
    ProductSortSchema,
    Type.String({ maxLength: 30, pattern: '^[0-9][0-9TZ:.-]*$' }),
    Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' }),
  ]),
);

/** A place as callers carry it, who need not know what is in it. */
export const encodePlace = ({ sort, value, id }: Place): string =>
  Buffer.from(JSON.stringify([sort, value, id])).toString('base64url');

/** @throws {ProblemError} 422 where it is not ours, or of another order. */
export function decodePlace(cursor: string, sort: Sort): Place {
  const value = parse(Buffer.from(cursor, 'base64url').toString());
  if (!Cursor.Check(value) || !isOf(sort, value[1])) {
    throw invalidFields([{ field: 'cursor', message: 'is not one of ours' }]);
  }
  if (value[0] !== sort) throw invalidFields([{ field: 'cursor', message: 'belongs to another order' }]);
  return { sort, value: value[1], id: value[2] };
}

const isOf = (sort: Sort, value: string): boolean =>
  sort === 'newest' ? !Number.isNaN(Date.parse(value)) : /^\d{1,10}$/.test(value) && Number(value) < 2 ** 31;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The ids of a page that begins after so many products. */
export const pageFrom = (where: Prisma.Sql, sort: Sort, limit: number, offset: number): Prisma.Sql =>
  Prisma.sql`SELECT id FROM products product WHERE ${where} ORDER BY ${orderOf(sort)} LIMIT ${limit} OFFSET ${offset}`;

/**
 * The ids of a page that begins after a place. In two parts, each of which an index begins right there: the rest of
 * what shares the place's value, and what comes after that value.
 */
export function pageAfter(where: Prisma.Sql, { sort, value, id }: Place, limit: number): Prisma.Sql {
  const { column, descending, type } = COLUMNS[sort];
  const beyond = descending ? Prisma.sql`<` : Prisma.sql`>`;
  return Prisma.sql`
    SELECT id FROM (
      (SELECT 1 AS part, 0 AS place, id FROM products product
       WHERE ${where} AND ${column} = ${value}::text::${type} AND id > ${id}::uuid ORDER BY id LIMIT ${limit})
      UNION ALL
      (SELECT 2, row_number() OVER (ORDER BY ${orderOf(sort)}), id FROM products product
       WHERE ${where} AND ${column} ${beyond} ${value}::text::${type} ORDER BY ${orderOf(sort)} LIMIT ${limit})
    ) AS parts ORDER BY part, place, id LIMIT ${limit}`;
}

const orderOf = (sort: Sort): Prisma.Sql =>
  Prisma.sql`${COLUMNS[sort].column} ${COLUMNS[sort].descending ? Prisma.sql`DESC` : Prisma.sql`ASC`}, id`;

/** The place of a product in an order. */
export async function placeOf(
  database: Prisma.TransactionClient,
  id: string,
  sort: Sort,
): Promise<Place | undefined> {
  const { column } = COLUMNS[sort];
  const [row] = await database.$queryRaw<{ value: number | Date }[]>`
    SELECT ${column} AS value FROM products WHERE id = ${id}::uuid`;
  if (!row) return undefined;
  return { sort, value: row.value instanceof Date ? row.value.toISOString() : String(row.value), id };
}
