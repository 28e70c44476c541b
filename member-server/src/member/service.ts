import type { MemberChanges, MemberProfile } from '@doa-market/common/contracts';
import { notFound, preconditionFailed } from '@doa-market/common/errors';
import type { CertificationRepository } from '../certification/repository.ts';
import type { Database } from '../database.ts';
import type { SessionEndings } from '../session-endings/service.ts';
import type { Member } from './presentation.ts';
import type { MemberRepository } from './repository.ts';

interface Options {
  database: Database;
  members: MemberRepository;
  certifications: CertificationRepository;
  sessionEndings: SessionEndings;
}

/** What members do with their own record. */
export function createMemberService({ database, members, certifications, sessionEndings }: Options) {
  const present = async (member: Member): Promise<{ profile: MemberProfile; version: number }> => ({
    profile: { ...member, certification: await certifications.find(member.id) },
    version: member.version,
  });

  return {
    async read(id: string) {
      const member = await members.findActive(id);
      if (!member) throw notFound('The member');
      return present(member);
    },

    async update(id: string, versions: number[] | undefined, changes: MemberChanges) {
      const member = await members.updateProfile(id, versions, changes);
      if (member) return present(member);
      throw (await members.findActive(id)) ? preconditionFailed() : notFound('The member');
    },

    /** Nobody can sign in or be found by the address from here on; what is left is erased a month later. */
    async leave(id: string): Promise<void> {
      const ending = await database.$transaction(async (tx) => {
        if (!(await members.leave(id, tx))) throw notFound('The member');
        return sessionEndings.request(id, tx);
      });
      await sessionEndings.deliver(ending);
    },
  };
}
export type MemberService = ReturnType<typeof createMemberService>;
