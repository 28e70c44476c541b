import { currentContext } from '@doa-market/common/context';
import type { Transaction } from '../database.ts';
import type { PersonalDataAction } from '../generated/prisma/enums.ts';

export interface Access {
  adminId: string;
  action: PersonalDataAction;
  /** Whose data was seen; a search that found nobody has told something too. */
  memberIds: string[];
}

/** Who has seen whose personal data. Written in the transaction that reads it: no record, no data. */
export async function recordAccess({ adminId, action, memberIds }: Access, tx: Transaction): Promise<void> {
  const requestId = currentContext()?.requestId ?? 'none';
  const ids = memberIds.length > 0 ? memberIds : [null];
  await tx.personalDataAccess.createMany({
    data: ids.map((memberId) => ({ adminId, action, memberId, requestId })),
  });
}
