import { HomeSchema } from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { cacheControlOf } from '../section.ts';
import type { Catalogue } from '../upstream/catalogue.ts';
import { loadHome } from './service.ts';

export async function homeRoutes(app: App, { catalogue }: { catalogue: Catalogue }) {
  app.get(
    '/home',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getHome',
        summary: 'Everything on the home page: banners, categories and three shelves of products',
        tags: ['home'],
        response: { 200: HomeSchema, ...problems(401) },
      },
    },
    async (request, reply) => {
      const home = await loadHome(catalogue, request.log);
      reply.header('Cache-Control', cacheControlOf(Object.values(home)));
      return home;
    },
  );
}
