import { AGREEMENT_VERSIONS, type Agreement, REQUIRED_AGREEMENTS } from '@doa-market/common/contracts';
import { invalidFields } from '@doa-market/common/errors';

/** @throws {ProblemError} 422 unless all that is required is agreed to, each once, and as it is in force. */
export function assertAgreements(agreements: readonly Agreement[]): void {
  const errors = agreements.flatMap(({ document, version }, index) => {
    const field = `agreements.${index}`;
    if (version !== AGREEMENT_VERSIONS[document]) return [{ field, message: 'is not the version in force' }];
    const first = agreements.findIndex((it) => it.document === document);
    return first < index ? [{ field, message: 'is there twice' }] : [];
  });
  for (const document of REQUIRED_AGREEMENTS) {
    if (agreements.some((it) => it.document === document)) continue;
    errors.push({ field: 'agreements', message: `must include ${document}` });
  }
  if (errors.length > 0) throw invalidFields(errors);
}
