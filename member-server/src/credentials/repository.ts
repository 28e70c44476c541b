import type { ExternalIdentity } from '@doa-market/common/contracts';
import { v7 as uuidv7 } from 'uuid';
import type { Database, Transaction } from '../database.ts';
import type { PersonalData } from '../personal-data/index.ts';

/** Who members are at providers of logins. */
export function createIdentityRepository(database: Database, personalData: PersonalData) {
  /** A subject means nothing without its provider. */
  const keyOf = ({ provider, subject }: ExternalIdentity) => ({
    provider,
    subjectIndex: personalData.index('subject', `${provider}:${subject}`),
  });

  return {
    async findMemberId(identity: ExternalIdentity): Promise<string | null> {
      const row = await database.externalIdentity.findUnique({
        where: { provider_subjectIndex: keyOf(identity) },
      });
      return row?.memberId ?? null;
    },

    /** The database refuses an identity that is linked, and a second one at the same provider. */
    async add(memberId: string, identity: ExternalIdentity, tx: Transaction = database): Promise<void> {
      const id = uuidv7();
      const { subject } = personalData.seal('external_identities', id, { subject: identity.subject });
      await tx.externalIdentity.create({ data: { id, memberId, ...keyOf(identity), subject } });
    },
  };
}
export type IdentityRepository = ReturnType<typeof createIdentityRepository>;
