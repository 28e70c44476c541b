import type { ManagedMemberChanges, ManagedMemberQuery, MemberChanges } from '@doa-market/common/contracts';
import { v7 as uuidv7 } from 'uuid';
import type { Database, Transaction } from '../database.ts';
import type { Prisma } from '../generated/prisma/client.ts';
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

/** The versions that may be changed; undefined for any. */
type Versions = number[] | undefined;

export function createMemberRepository(database: Database, personalData: PersonalData) {
  const { index } = personalData;

  /** One statement, so that of two changes of one version the second finds nothing to change. */
  async function change(
    where: Prisma.MemberWhereInput & { id: string },
    versions: Versions,
    data: Prisma.MemberUpdateManyMutationInput,
    tx: Transaction,
  ): Promise<Member | null> {
    const [row] = await tx.member.updateManyAndReturn({
      where: { ...where, ...(versions && { version: { in: versions } }) },
      data: { ...data, version: { increment: 1 } },
    });
    return row ? toMember(personalData, row) : null;
  }

  return {
    /** A member who may use the shop: neither suspended nor gone. */
    async findActive(id: string, tx: Transaction = database): Promise<Member | null> {
      const row = await tx.member.findFirst({ where: { id, status: 'ACTIVE' } });
      return row && toMember(personalData, row);
    },

    /** Whoever has not been erased. */
    async findById(id: string, tx: Transaction = database): Promise<Member | null> {
      const row = await tx.member.findFirst({ where: { id, erasedAt: null } });
      return row && toMember(personalData, row);
    },

    /** Whose address it is, whatever their status; who has left has given it up. */
    async findByEmail(email: string, tx: Transaction = database): Promise<Member | null> {
      const row = await tx.member.findFirst({ where: { emailIndex: index('email', email), leftAt: null } });
      return row && toMember(personalData, row);
    },

    /** One page, the newest first; an address is searched for by itself, a name by the whole of it. */
    async paginate(query: ManagedMemberQuery, tx: Transaction = database) {
      const { search, role, status } = query;
      const kind = search?.includes('@') ? 'email' : 'name';
      const where: Prisma.MemberWhereInput = {
        erasedAt: null,
        ...(role && { role }),
        ...(status && { status }),
        ...(search && { [`${kind}Index`]: index(kind, search) }),
      };
      const rows = await tx.member.findMany({
        where,
        orderBy: { id: 'desc' },
        skip: (query.page - 1) * query.limit,
        take: query.limit,
      });
      const total = await tx.member.count({ where });
      return { data: rows.map((row) => toMember(personalData, row)), total };
    },

    /** The database refuses a second member with the same address. */
    async create(facts: MemberFacts, tx: Transaction = database): Promise<Member> {
      const id = uuidv7();
      const { email, name, emailVerified, ...rest } = facts;
      const data = {
        id,
        ...rest,
        ...personalData.seal('members', id, { email: normalEmail(email), name }),
        emailIndex: index('email', email),
        nameIndex: index('name', name),
        emailVerifiedAt: emailVerified ? new Date() : null,
      };
      return toMember(personalData, await tx.member.create({ data }));
    },

    /** Makes room for who registers the same address: nobody has ever proved that it is theirs. */
    async removeUnverified(email: string, tx: Transaction): Promise<void> {
      const where = { emailIndex: index('email', email), leftAt: null, emailVerifiedAt: null };
      await tx.member.deleteMany({ where });
    },

    updateProfile: (
      id: string,
      versions: Versions,
      { name, phone }: MemberChanges,
      tx: Transaction = database,
    ) =>
      change(
        { id, status: 'ACTIVE' },
        versions,
        {
          ...personalData.seal('members', id, {
            ...(name !== undefined && { name: name.trim() }),
            ...(phone !== undefined && { phone }),
          }),
          ...(name !== undefined && { nameIndex: index('name', name) }),
        },
        tx,
      ),

    updateByAdmin: (
      id: string,
      versions: Versions,
      changes: ManagedMemberChanges,
      tx: Transaction = database,
    ) => change({ id, leftAt: null }, versions, changes, tx),

    /** Null where the hash is not `expected` any more. */
    changePassword: (id: string, expected: string | null, passwordHash: string) =>
      change({ id, status: 'ACTIVE', passwordHash: expected }, undefined, { passwordHash }, database),

    /** Null where the hash is not `expected`: what is proved is one registration. */
    proveEmail: (id: string, expected: string | null) =>
      change(
        { id, status: 'ACTIVE', passwordHash: expected },
        undefined,
        { emailVerifiedAt: new Date() },
        database,
      ),

    /** Gives up what must be free for others at once; the rest is erased later. */
    async leave(id: string, tx: Transaction): Promise<Member | null> {
      const data = { status: 'LEFT', leftAt: new Date(), passwordHash: null } as const;
      const left = await change({ id, status: 'ACTIVE' }, undefined, data, tx);
      await tx.externalIdentity.deleteMany({ where: { memberId: id } });
      await tx.certification.deleteMany({ where: { memberId: id } });
      return left;
    },
  };
}
export type MemberRepository = ReturnType<typeof createMemberRepository>;
