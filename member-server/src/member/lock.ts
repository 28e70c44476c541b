import { notFound } from '@doa-market/common/errors';
import type { Transaction } from '../database.ts';

/**
 * Makes changes of what one member has wait for each other, so that what was counted stays true until the transaction
 * ends. @throws {ProblemError} 404 for a member who has left or was suspended.
 */
export async function lockMember(id: string, tx: Transaction): Promise<void> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT FROM members WHERE id = ${id}::uuid AND status = 'ACTIVE' FOR NO KEY UPDATE`;
  if (rows.length === 0) throw notFound('The member');
}
