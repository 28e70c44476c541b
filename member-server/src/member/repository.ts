import { v7 as uuidv7 } from 'uuid';
import type { Database, Transaction } from '../database.ts';
import type { MemberRole } from '../generated/prisma/enums.ts';
import { normalEmail } from '../personal-data/blind-index.ts';
import type { PersonalData } from '../personal-data/index.ts';
import { type Member, toMember } from './presentation.ts';

export interface MemberFacts {
  email: string;
  name: string;
  passwordHash: string | null;
  emailVerified: boolean;
  role?: MemberRole;
}

export function createMemberRepository(database: Database, personalData: PersonalData) {
  const { index } = personalData;

  return {
    /** A member who may use the shop: neither suspended nor gone. */
    async findActive(id: string, tx: Transaction = database): Promise<Member | null> {
      const row = await tx.member.findFirst({ where: { id, status: 'ACTIVE' } });
      return row && toMember(personalData, row);
    },

    /** Whose address it is, whatever their status; who has left has given it up. */
    async findByEmail(email: string, tx: Transaction = database): Promise<Member | null> {
      const where = { emailIndex: index('email', email), leftAt: null };
      const row = await tx.member.findFirst({ where });
      return row && toMember(personalData, row);
    },

    /** The database refuses a second member with the same address. */
    async create({ email, name, emailVerified, ...facts }: MemberFacts, tx: Transaction = database) {
      const id = uuidv7();
      const data = {
        id,
        ...facts,
        ...personalData.seal('members', id, { email: normalEmail(email), name }),
        emailIndex: index('email', email),
        nameIndex: index('name', name),
        emailVerifiedAt: emailVerified ? new Date() : null,
      };
      return toMember(personalData, await tx.member.create({ data }));
    },
  };
}
export type MemberRepository = ReturnType<typeof createMemberRepository>;
