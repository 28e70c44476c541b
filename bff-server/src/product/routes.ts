import { ProductPageSchema, SlugSchema } from '@doa-market/common/contracts';
import { notFound } from '@doa-market/common/errors';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { Type } from 'typebox';
import { cacheControlOf, section } from '../section.ts';
import type { Catalogue } from '../upstream/catalogue.ts';
import { loadRelated } from './related.ts';

const RELATED = 4;

export async function productRoutes(app: App, { catalogue }: { catalogue: Catalogue }) {
  app.get(
    '/products/:slug',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getProductPage',
        summary: 'A product with others of its category',
        tags: ['products'],
        params: Type.Object({ slug: SlugSchema }),
        response: { 200: ProductPageSchema, ...problems(404, 422, 502, 504) },
      },
    },
    async (request, reply) => {
      const product = await catalogue.product(request.params.slug);
      if (!product) throw notFound('The product');
      const related = await section(request.log, 'related', [], () =>
        loadRelated(catalogue, product, RELATED),
      );
      reply.header('Cache-Control', cacheControlOf([related]));
      return { product, related };
    },
  );
}
