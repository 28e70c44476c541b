import { type SearchSort, SearchSortSchema } from '@doa-market/common/contracts';
import { invalidFields } from '@doa-market/common/errors';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Place } from './order.ts';

/** Where the next page begins, opaque to callers: the place of the last product of this one. */

const cursor = Compile(
  Type.Tuple([SearchSortSchema, Type.Array(Type.Number(), { maxItems: 2 }), Type.String()]),
);

export const encodeCursor = ({ sort, figures, id }: Place): string =>
  Buffer.from(JSON.stringify([sort, figures, id])).toString('base64url');

/** @throws {ProblemError} 422 where it is not ours, or of another order. */
export function decodeCursor(text: string, sort: SearchSort): Place {
  const value = parse(Buffer.from(text, 'base64url').toString());
  if (!cursor.Check(value)) throw invalidFields([{ field: 'cursor', message: 'is not one of ours' }]);
  const [ofSort, figures, id] = value;
  if (ofSort !== sort) throw invalidFields([{ field: 'cursor', message: 'belongs to another order' }]);
  return { sort: ofSort, figures, id };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
