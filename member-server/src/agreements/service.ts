import {
  AGREEMENT_DOCUMENTS,
  AGREEMENT_VERSIONS,
  type Agreement,
  type AgreementChange,
  REQUIRED_AGREEMENTS,
} from '@doa-market/common/contracts';
import { conflict, invalidFields, notFound } from '@doa-market/common/errors';
import type { MemberRepository } from '../member/repository.ts';
import type { AgreementRepository, Decision } from './repository.ts';

interface Options {
  members: MemberRepository;
  agreements: AgreementRepository;
}

const REQUIRED: readonly string[] = REQUIRED_AGREEMENTS;

/** What a member has agreed to, and takes back. */
export function createAgreementService({ members, agreements }: Options) {
  return {
    async list(memberId: string): Promise<Decision[]> {
      if (!(await members.findActive(memberId))) throw notFound('The member');
      const decisions = await Promise.all(AGREEMENT_DOCUMENTS.map((it) => agreements.latest(memberId, it)));
      return decisions.filter((it) => it !== null);
    },

    /** Saying the same thing again leaves no second record. */
    async decide(
      memberId: string,
      document: Agreement['document'],
      change: AgreementChange,
    ): Promise<Decision> {
      if (change.version !== AGREEMENT_VERSIONS[document]) {
        throw invalidFields([{ field: 'version', message: 'is not in force' }]);
      }
      if (!change.agreed && REQUIRED.includes(document)) {
        throw conflict('Nobody is a member without this agreement.');
      }
      if (!(await members.findActive(memberId))) throw notFound('The member');
      const latest = await agreements.latest(memberId, document);
      if (latest?.version === change.version && latest.agreed === change.agreed) return latest;
      return agreements.add(memberId, document, change);
    },
  };
}
export type AgreementService = ReturnType<typeof createAgreementService>;
