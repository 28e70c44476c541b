import { problemCodes } from '@doa-market/common/openapi';

/** What a write that takes an idempotency key can be refused with, for its response map. */
export const namedProblems = problemCodes({
  400: ['REQ_4000', 'IDEM_4000'],
  409: ['REQ_4090', 'IDEM_4090'],
  422: ['REQ_4220', 'IDEM_4220'],
});
