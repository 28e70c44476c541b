import { invalidFields } from '@doa-market/common/errors';
import type { Transaction } from '../database.ts';

/** The hash in the address of a picture, whose form the schema has checked. */
export const hashIn = (url: string): string => url.slice(-32);

/** @throws {ProblemError} 422 naming the field of each picture that was never uploaded */
export async function assertUploaded(
  pictures: readonly { hash: string; field: string }[],
  tx: Transaction,
): Promise<void> {
  if (pictures.length === 0) return;
  const rows = await tx.image.findMany({ where: { hash: { in: pictures.map(({ hash }) => hash) } } });
  const known = new Set(rows.map(({ hash }) => hash));
  const missing = pictures.filter(({ hash }) => !known.has(hash));
  if (missing.length === 0) return;
  throw invalidFields(
    missing.map(({ field }) => ({ field, message: 'must be a picture that was uploaded' })),
  );
}
