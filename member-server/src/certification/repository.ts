import type { Certification, MemberProfile } from '@doa-market/common/contracts';
import type { Database } from '../database.ts';
import type { PersonalData } from '../personal-data/index.ts';

export function createCertificationRepository(database: Database, personalData: PersonalData) {
  return {
    async find(memberId: string): Promise<MemberProfile['certification']> {
      const row = await database.certification.findUnique({ where: { memberId } });
      if (!row) return null;
      const { name, birthDate, phone } = row;
      return {
        ...personalData.open('certifications', memberId, { name, birthDate, phone }),
        certifiedAt: row.certifiedAt.toISOString(),
      };
    },

    /** A newer certification takes the place of the older. The database refuses a person who has another account. */
    async save(memberId: string, certification: Certification): Promise<void> {
      const data = {
        ...personalData.seal('certifications', memberId, certification),
        ciIndex: personalData.index('ci', certification.ci),
        diIndex: personalData.index('di', certification.di),
        certifiedAt: new Date(),
      };
      await database.certification.upsert({
        where: { memberId },
        create: { memberId, ...data },
        update: data,
      });
    },
  };
}
export type CertificationRepository = ReturnType<typeof createCertificationRepository>;
