import { ProductSummaryListSchema, ShelvesSchema } from '@doa-market/common/contracts';
import { notFound } from '@doa-market/common/errors';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { PUBLIC_CATALOGUE } from '../caching.ts';
import { ProductParamsSchema } from '../product/schemas.ts';
import type { ShelfRepository } from './repository.ts';
import { ShelfQuerySchema } from './schemas.ts';

const tags = ['products'];

export async function shelfRoutes(app: App, { shelves }: { shelves: ShelfRepository }) {
  app.get(
    '/shelves',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'listShelves',
        summary: 'What sells best, what is new and what is reduced most, in one answer',
        tags,
        querystring: ShelfQuerySchema,
        response: { 200: ShelvesSchema, ...problems(422) },
      },
    },
    async (request, reply) => {
      reply.header('Cache-Control', PUBLIC_CATALOGUE);
      return shelves.list(request.query.limit);
    },
  );

  app.get(
    '/products/:idOrSlug/related',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'listRelatedProducts',
        summary: 'Best sellers beside a product, those of its own category first',
        tags,
        params: ProductParamsSchema,
        querystring: ShelfQuerySchema,
        response: { 200: ProductSummaryListSchema, ...problems(404, 422) },
      },
    },
    async (request, reply) => {
      const data = await shelves.listRelated(request.params.idOrSlug, request.query.limit);
      if (!data) throw notFound('The product');
      reply.header('Cache-Control', PUBLIC_CATALOGUE);
      return { data };
    },
  );
}
