import type { TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { CatalogueEventSchema, OrderEventSchema } from '../contracts/index.ts';

export { createGroupFigures } from './group-figures.ts';
export { createStreamReader, groupState, type StreamEntry, type StreamReader } from './stream-reader.ts';

/** What is on a stream of events, read by the contract. */

/** @returns a check, and what finds the event in the fields and values of an entry, or undefined where there is none */
function readerOf<Schema extends TSchema>(schema: Schema) {
  const validator = Compile(schema);
  const is = (value: unknown): value is Type.Static<Schema> => validator.Check(value);

  function findIn(fields: readonly string[]): Type.Static<Schema> | undefined {
    const at = fields.indexOf('event');
    const text = at % 2 === 0 ? fields[at + 1] : undefined;
    if (text === undefined) return undefined;
    try {
      const value: unknown = JSON.parse(text);
      return is(value) ? value : undefined;
    } catch {
      return undefined;
    }
  }
  return { is, findIn };
}

const catalogueEvents = readerOf(CatalogueEventSchema);
export const isCatalogueEvent = catalogueEvents.is;
/** The event in an entry of CATALOGUE_STREAM. */
export const catalogueEventIn = catalogueEvents.findIn;

const orderEvents = readerOf(OrderEventSchema);
export const isOrderEvent = orderEvents.is;
/** The event in an entry of ORDER_STREAM. */
export const orderEventIn = orderEvents.findIn;
