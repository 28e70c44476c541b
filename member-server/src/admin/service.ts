import {
  type ManagedMember,
  type ManagedMemberChanges,
  type ManagedMemberQuery,
  pageMeta,
} from '@doa-market/common/contracts';
import { conflict, notFound, preconditionFailed } from '@doa-market/common/errors';
import { recordAccess } from '../audit/repository.ts';
import type { Database } from '../database.ts';
import type { Member } from '../member/presentation.ts';
import type { MemberRepository } from '../member/repository.ts';
import type { SessionEndings } from '../session-endings/service.ts';

interface Options {
  database: Database;
  members: MemberRepository;
  sessionEndings: SessionEndings;
}

/** What administrators do with the records of others; each look at one leaves a trace. */
export function createAdminService({ database, members, sessionEndings }: Options) {
  return {
    list: (adminId: string, query: ManagedMemberQuery) =>
      database.$transaction(async (tx) => {
        const { data, total } = await members.paginate(query, tx);
        const action = query.search ? 'SEARCH' : 'LIST';
        await recordAccess({ adminId, action, memberIds: data.map(({ id }) => id) }, tx);
        return { data: data satisfies ManagedMember[], meta: pageMeta(query, total) };
      }),

    read: (adminId: string, id: string): Promise<Member> =>
      database.$transaction(async (tx) => {
        const member = await members.findById(id, tx);
        if (!member) throw notFound('The member');
        await recordAccess({ adminId, action: 'READ', memberIds: [id] }, tx);
        return member;
      }),

    async update(
      adminId: string,
      id: string,
      versions: number[] | undefined,
      changes: ManagedMemberChanges,
    ): Promise<Member> {
      // A slip of the hand would lock them out, and there may be nobody else to let them in again.
      if (id === adminId) throw conflict('Administrators do not change their own role or status.');
      const { member, ending } = await database.$transaction(async (tx) => {
        const changed = await members.updateByAdmin(id, versions, changes, tx);
        if (!changed) throw whyUnchanged(await members.findById(id, tx));
        await recordAccess({ adminId, action: 'UPDATE', memberIds: [id] }, tx);
        return { member: changed, ending: await sessionEndings.request(id, tx) };
      });
      await sessionEndings.deliver(ending);
      return member;
    },
  };
}
export type AdminService = ReturnType<typeof createAdminService>;

function whyUnchanged(member: Member | null) {
  if (!member) return notFound('The member');
  return member.status === 'LEFT' ? conflict('The member has left.') : preconditionFailed();
}
