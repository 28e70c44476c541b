import { BannerListSchema } from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { PUBLIC_CATALOGUE } from '../caching.ts';
import type { BannerRepository } from './repository.ts';

export async function bannerRoutes(app: App, { banners }: { banners: BannerRepository }) {
  app.get(
    '/banners',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'listBanners',
        summary: 'The banners that are shown now, in their order',
        tags: ['banners'],
        response: { 200: BannerListSchema, ...problems(500) },
      },
    },
    async (_request, reply) => {
      reply.header('Cache-Control', PUBLIC_CATALOGUE);
      return { data: await banners.listActive() };
    },
  );
}
