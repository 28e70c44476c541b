import { type Static, type TSchema, Type } from 'typebox';

/** The atoms that every other schema is composed of (units and bounds are part of the contract). */

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const SLUG_PATTERN = '^[a-z0-9]+(?:-[a-z0-9]+)*$';

/** A UUIDv7 (RFC 9562) in its canonical lower-case form. */
const EXAMPLE_ID = '0199f3a0-6f2e-7c31-9b4d-2f1a8c5e7d90';
export const IdSchema = Type.String({
  pattern: `^${UUID}$`,
  description: 'UUIDv7',
  examples: [EXAMPLE_ID],
});

/** Up to `max` ids in one parameter of a query, parted by commas. */
export const IdsParameter = (max: number) =>
  Type.String({
    pattern: `^${UUID}(?:,${UUID}){0,${max - 1}}$`,
    description: `up to ${max} ids, parted by commas`,
    examples: [EXAMPLE_ID],
  });

export const SlugSchema = Type.String({
  pattern: SLUG_PATTERN,
  minLength: 1,
  maxLength: 120,
  examples: ['mood-table-lamp'],
});

/** One line: no control characters, and something that can be seen. */
export const LineSchema = (maxLength: number, example: string) =>
  Type.String({ minLength: 1, maxLength, pattern: '^\\P{Cc}*[^\\s\\p{Cc}]\\P{Cc}*$', examples: [example] });

/** Whole won: KRW has no minor unit. */
export const MoneySchema = Type.Integer({
  minimum: 0,
  maximum: 10_000_000_000,
  description: 'KRW',
  examples: [39_000],
});

/** ISO 8601 in UTC. */
export const DateTimeSchema = Type.String({ format: 'date-time' });

export const ColorSchema = Type.String({ pattern: '^#[0-9a-f]{6}$', examples: ['#d7e3dc'] });

/** 254 is the longest address that SMTP can carry (RFC 5321, erratum 1690). */
export const EmailSchema = Type.String({ format: 'email', minLength: 3, maxLength: 254 });

export const PageQuerySchema = Type.Object({
  page: Type.Integer({ minimum: 1, maximum: 10_000, default: 1 }),
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
});
export type PageQuery = Static<typeof PageQuerySchema>;

export const PageMetaSchema = Type.Object({
  page: Type.Integer({ minimum: 1 }),
  limit: Type.Integer({ minimum: 1 }),
  total: Type.Integer({ minimum: 0 }),
  totalPages: Type.Integer({ minimum: 0 }),
});
export type PageMeta = Static<typeof PageMetaSchema>;

/** `{ data, meta }`: one page of a list. */
export function PageSchema<T extends TSchema>(item: T) {
  return Type.Object({ data: Type.Array(item), meta: PageMetaSchema });
}

/** The meta block that belongs to `query` when `total` items exist. */
export function pageMeta({ page, limit }: PageQuery, total: number): PageMeta {
  return { page, limit, total, totalPages: Math.ceil(total / limit) };
}
