import {
  type NewProduct,
  NewProductSchema,
  type ProductChanges,
  ProductChangesSchema,
} from '@doa-market/common/contracts';
import { invalidFields } from '@doa-market/common/errors';
import { bodyParserFor } from '@doa-market/common/validation';
import { combinations } from '../product/combinations.ts';
import type { ProductState } from '../product/state.ts';
import { fromCell, fromList, fromOptions, toCell, toList, toOptions } from './cells.ts';

/**
 * A line is a product: its columns, in the order of an export. `stock`, `prices` and `codes` are those of the SKUs, one
 * for each combination of the options' values, the last option turning fastest. An empty cell says nothing.
 */
export const COLUMNS = [
  ...(['slug', 'name', 'brand', 'category', 'price', 'listPrice', 'status', 'options'] as const),
  ...(['stock', 'prices', 'codes', 'images', 'alts', 'description'] as const),
];
type Column = (typeof COLUMNS)[number];
export type Line = Partial<Record<Column, string>>;

const isColumn = (name: string): name is Column => COLUMNS.some((column) => column === name);

export const headerLine = (): string => `${COLUMNS.join(',')}\r\n`;

/** What the columns of a file are. @throws {ProblemError} 422 naming what is no column */
export function readHeader(cells: readonly string[]): Column[] {
  const columns = cells.map((cell) => cell.trim()).filter(isColumn);
  const unknown = cells.filter((cell) => !isColumn(cell.trim()));
  if (unknown.length > 0) throw refused(`has no column ${unknown.slice(0, 5).join(', ')}`);
  if (new Set(columns).size < columns.length) throw refused('has a column twice');
  if (!columns.includes('slug')) throw refused('needs the column slug');
  return columns;
}

export function toLine(product: ProductState): string {
  const { slug, name, brand, category, status, description, pictures, skus } = product;
  const values: Record<Column, string> = {
    ...{ slug, name, brand, category, status, description },
    price: String(product.price),
    listPrice: String(product.listPrice),
    options: toOptions(product.options),
    stock: skus.map(({ onHand }) => onHand).join('|'),
    prices: skus.map(({ price }) => price).join('|'),
    codes: toList(skus.map(({ code }) => code)),
    images: pictures.map(({ hash }) => `/api/v1/images/${hash}`).join('|'),
    alts: toList(pictures.map(({ alt }) => alt)),
  };
  return `${COLUMNS.map((column) => toCell(values[column])).join(',')}\r\n`;
}

/** @throws {ProblemError} 422 */
export function readLine(columns: readonly Column[], cells: readonly string[]): Line {
  if (cells.length !== columns.length)
    throw refused(`has ${cells.length} cells for ${columns.length} columns`);
  const entries = columns.map((column, at) => [column, fromCell(cells[at] ?? '')]);
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}

const parseNew = bodyParserFor(NewProductSchema);
const parseChanges = bodyParserFor(ProductChangesSchema);

/** @throws {ProblemError} 422 naming the column that is wrong */
export const newProductOf = (line: Line): NewProduct => parseNew({ description: '', ...factsOf(line) });

/** What a line says of a product that there is. @throws {ProblemError} 422 naming the column that is wrong */
export const changesOf = (line: Line, current: ProductState): ProductChanges =>
  parseChanges(factsOf(line, current));

function factsOf(line: Line, current?: ProductState): Record<string, unknown> {
  const { options, stock: _, prices: _p, codes: _c, images, alts, price, listPrice, ...texts } = line;
  const facts: Record<string, unknown> = { ...texts };
  if (price !== undefined) facts['price'] = numberIn(price);
  if (listPrice !== undefined) facts['listPrice'] = numberIn(listPrice);
  const chosen = options === undefined ? (current?.options ?? []) : fromOptions(options);
  if (options !== undefined) facts['options'] = chosen;
  const skus = skusOf(line, combinations(chosen.map(({ values }) => values)));
  if (skus) facts['skus'] = skus;
  if (images !== undefined) {
    const words = fromList(alts ?? '');
    facts['images'] = fromList(images).map((url, at) => ({ url, alt: words[at] ?? '' }));
  }
  return facts;
}

function skusOf({ stock, prices, codes }: Line, rows: readonly string[][]) {
  if (stock === undefined && prices === undefined && codes === undefined) return undefined;
  const named = {
    onHand: valuesFor('stock', stock, rows.length)?.map(numberIn),
    price: valuesFor('prices', prices, rows.length)?.map(numberIn),
    code: valuesFor('codes', codes, rows.length),
  };
  return rows.map((values, at) => {
    const facts = Object.entries(named).map(([name, list]) => [name, list?.[at]]);
    return { values, ...Object.fromEntries(facts.filter(([, value]) => value !== undefined)) };
  });
}

function valuesFor(column: Column, cell: string | undefined, count: number): string[] | undefined {
  if (cell === undefined) return undefined;
  const values = fromList(cell);
  if (values.length === count) return values;
  throw invalidFields([{ field: column, message: `must have ${count} values, one for each combination` }]);
}

/** The number, or the text as it is, for the schema to refuse. */
const numberIn = (text: string): number | string => (/^\d{1,15}$/.test(text) ? Number(text) : text);

const refused = (message: string) => invalidFields([{ field: 'line', message }]);
