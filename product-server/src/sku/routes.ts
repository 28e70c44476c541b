import { SkuOfferListSchema } from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import type { SkuRepository } from './repository.ts';
import { SkuQuerySchema } from './schemas.ts';

export async function skuRoutes(app: App, { skus }: { skus: SkuRepository }) {
  app.get(
    '/skus',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'listSkus',
        summary: 'SKUs by their ids, with price and stock of this moment',
        description: 'Ids that are not sold are left out. Never cached: carts and checkouts decide by it.',
        tags: ['products'],
        querystring: SkuQuerySchema,
        response: { 200: SkuOfferListSchema, ...problems(422) },
      },
    },
    async (request) => ({ data: await skus.listOffers(request.query.ids.split(',')) }),
  );
}
