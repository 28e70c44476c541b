import { CategoryListSchema } from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { PUBLIC_CATALOGUE } from '../caching.ts';
import type { CategoryRepository } from './repository.ts';

export async function categoryRoutes(app: App, { categories }: { categories: CategoryRepository }) {
  app.get(
    '/categories',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'listCategories',
        summary: 'The categories at the top in the order of the shop, with those in them',
        tags: ['categories'],
        response: { 200: CategoryListSchema, ...problems(500) },
      },
    },
    async (_request, reply) => {
      reply.header('Cache-Control', PUBLIC_CATALOGUE);
      return { data: await categories.list() };
    },
  );
}
