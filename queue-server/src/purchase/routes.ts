import { PurchaseQuerySchema, PurchaseSchema } from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { POLICY } from '../policy.ts';
import type { PurchaseRepository } from './repository.ts';

export async function purchaseRoutes(app: App, { purchases }: { purchases: PurchaseRepository }) {
  app.get(
    '/purchases',
    {
      config: { access: POLICY.findPurchase },
      schema: {
        operationId: 'findPurchase',
        summary: 'Whether a member has bought a product: who may review it',
        tags: ['internal'],
        security: [{ bearer: [] }],
        querystring: PurchaseQuerySchema,
        response: { 200: PurchaseSchema, ...problems(401, 403, 422) },
      },
    },
    (request) => purchases.find(request.query),
  );
}
