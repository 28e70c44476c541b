import { HomeSchema } from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { cacheControlOf, type LoadSection } from '../section.ts';
import type { Catalogue } from '../upstream/catalogue.ts';
import { loadHome } from './service.ts';

interface HomeRoutesOptions {
  catalogue: Catalogue;
  section: LoadSection;
}

export async function homeRoutes(app: App, { catalogue, section }: HomeRoutesOptions) {
  app.get(
    '/home',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getHome',
        summary:
          'Everything on the home page: banners, categories, three shelves of products, reviews, events',
        tags: ['home'],
        response: { 200: HomeSchema, ...problems(401) },
      },
    },
    async (_request, reply) => {
      const home = await loadHome(catalogue, section);
      reply.header('Cache-Control', cacheControlOf(Object.values(home)));
      return home;
    },
  );
}
