import type { Agreement, AgreementChange } from '@doa-market/common/contracts';
import type { Database, Transaction } from '../database.ts';
import type { AgreementDecisionModel } from '../generated/prisma/models.ts';

type Document = Agreement['document'];

const present = ({ document, version, agreed, decidedAt }: AgreementDecisionModel) => ({
  ...{ document, version, agreed },
  decidedAt: decidedAt.toISOString(),
});
export type Decision = ReturnType<typeof present>;

export function createAgreementRepository(database: Database) {
  async function latest(memberId: string, document: Document): Promise<Decision | null> {
    const row = await database.agreementDecision.findFirst({
      where: { memberId, document },
      orderBy: { id: 'desc' },
    });
    return row && present(row);
  }

  return {
    latest,

    async add(memberId: string, document: Document, change: AgreementChange): Promise<Decision> {
      return present(await database.agreementDecision.create({ data: { memberId, document, ...change } }));
    },

    /** What somebody agreed to by registering. */
    async addAll(memberId: string, agreements: readonly Agreement[], tx: Transaction): Promise<void> {
      await tx.agreementDecision.createMany({
        data: agreements.map((agreement) => ({ memberId, ...agreement, agreed: true })),
      });
    },
  };
}
export type AgreementRepository = ReturnType<typeof createAgreementRepository>;
