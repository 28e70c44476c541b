import { Compile } from 'typebox/compile';
import { type CatalogueEvent, CatalogueEventSchema } from '../contracts/index.ts';

/** What is on a stream of events, read by the contract. */

const catalogueEvent = Compile(CatalogueEventSchema);

export const isCatalogueEvent = (value: unknown): value is CatalogueEvent => catalogueEvent.Check(value);

/** The event in an entry of CATALOGUE_STREAM (its fields and values in turns), or undefined where there is none. */
export function catalogueEventIn(fields: readonly string[]): CatalogueEvent | undefined {
  const at = fields.indexOf('event');
  const text = at % 2 === 0 ? fields[at + 1] : undefined;
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isCatalogueEvent(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
