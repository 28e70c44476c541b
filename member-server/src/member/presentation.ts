import type { MemberModel } from '../generated/prisma/models.ts';
import type { PersonalData } from '../personal-data/index.ts';

/** A member who has not been erased, as the code speaks of them: nothing is encrypted. */
export type Member = ReturnType<typeof toMember>;

export function toMember(personalData: PersonalData, row: MemberModel) {
  const { id, role, status, passwordHash, version } = row;
  const { email, name, phone } = personalData.open('members', id, {
    email: row.email,
    name: row.name,
    phone: row.phone,
  });
  if (email === null || name === null) throw new Error(`member ${id} has been erased`);
  return {
    ...{ id, email, name, phone, role, status, passwordHash, version },
    emailVerified: row.emailVerifiedAt !== null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    leftAt: row.leftAt?.toISOString() ?? null,
  };
}
