import { conflict, type ProblemError } from '@doa-market/common/errors';
import type { Transaction } from '../database.ts';
import { type Editor, mayEdit } from '../editor.ts';
import { toState } from '../product/managed.ts';
import type { ProductService } from '../product/service.ts';
import { lockProduct } from '../product/store.ts';
import { changesOf, type Line, newProductOf } from './columns.ts';

export type Outcome = 'created' | 'updated' | 'unchanged';

/**
 * Makes of a product what a line says, and makes one where there is none of that slug.
 * @throws {ProblemError} as a write of the same over the API
 */
export async function importLine(
  products: ProductService,
  editor: Editor,
  line: Line,
  tx: Transaction,
): Promise<Outcome> {
  const known = line.slug === undefined ? null : await lockProduct(line.slug, tx);
  if (!known) {
    await products.createIn(tx, editor, newProductOf(line));
    return 'created';
  }
  // Whose it is and whether there is one is not for a stranger to learn: the slug is taken, as for a new product.
  if (!mayEdit(editor, known)) throw conflict('Another product has this slug.');
  const { isChanged } = await products.updateIn(tx, known, changesOf(line, toState(known)));
  return isChanged ? 'updated' : 'unchanged';
}

/** What the report says of a line that failed. */
export function messageOf(error: ProblemError): string {
  const fields = error.errors?.map(({ field, message }) => `${field}: ${message}`) ?? [];
  return fields.length > 0 ? fields.join('; ') : error.message;
}
