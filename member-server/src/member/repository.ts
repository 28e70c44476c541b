import type { Database } from '../database.ts';
import type { MemberModel } from '../generated/prisma/models.ts';

export function createMemberRepository(database: Database) {
  return {
    findById: (id: string): Promise<MemberModel | null> => database.member.findUnique({ where: { id } }),
    /** Addresses are stored in lower case, so that one address is one member. */
    findByEmail: (email: string): Promise<MemberModel | null> =>
      database.member.findUnique({ where: { email: email.toLowerCase() } }),
  };
}
export type MemberRepository = ReturnType<typeof createMemberRepository>;
