import {
  AgreementChangeSchema,
  AgreementDecisionListSchema,
  AgreementDecisionSchema,
  AgreementParamsSchema,
} from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import { type App, callerId } from '@doa-market/common/server';
import { POLICY } from '../policy.ts';
import type { AgreementService } from './service.ts';

const tags = ['agreements'];
const security = [{ bearer: [] }];

export async function agreementRoutes(app: App, { agreements }: { agreements: AgreementService }) {
  app.get(
    '/members/me/agreements',
    {
      config: { access: POLICY.listOwnAgreements },
      schema: {
        operationId: 'listOwnAgreements',
        summary: "The caller's newest decision on each document",
        tags,
        security,
        response: { 200: AgreementDecisionListSchema, ...problems(401, 403, 404) },
      },
    },
    async (request) => ({ data: await agreements.list(callerId(request)) }),
  );

  app.put(
    '/members/me/agreements/:document',
    {
      config: { access: POLICY.decideOnAgreement },
      schema: {
        operationId: 'decideOnAgreement',
        summary: 'Agrees to the version in force of a document, or takes it back where it is optional',
        tags,
        security,
        params: AgreementParamsSchema,
        body: AgreementChangeSchema,
        response: { 200: AgreementDecisionSchema, ...problems(401, 403, 404, 409, 422) },
      },
    },
    (request) => agreements.decide(callerId(request), request.params.document, request.body),
  );
}
