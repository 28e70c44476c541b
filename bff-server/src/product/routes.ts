import { ProductPageSchema, SlugSchema } from '@doa-market/common/contracts';
import { notFound } from '@doa-market/common/errors';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { Type } from 'typebox';
import { cacheControlOf, type LoadSection } from '../section.ts';
import type { Catalogue } from '../upstream/catalogue.ts';
import { loadProductPage } from './service.ts';

/** As product-server's own: browsers ask again each time, as a product may take its old name back. */
const MOVED = 'public, max-age=0, s-maxage=60';

interface ProductRoutesOptions {
  catalogue: Catalogue;
  section: LoadSection;
}

export async function productRoutes(app: App, { catalogue, section }: ProductRoutesOptions) {
  app.get(
    '/products/:slug',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getProductPage',
        summary: 'A product with its first reviews and with others of its category',
        tags: ['products'],
        params: Type.Object({ slug: SlugSchema }),
        response: {
          200: ProductPageSchema,
          308: Type.Null({ description: 'The product has another slug now' }),
          ...problems(404, 422, 502, 503, 504),
        },
      },
    },
    async (request, reply) => {
      const found = await loadProductPage(catalogue, section, request.params.slug);
      if (!found) throw notFound('The product');
      if ('slug' in found) {
        const headers = { Location: `/api/products/${found.slug}`, 'Cache-Control': MOVED };
        return reply.status(308).headers(headers).send(null);
      }
      reply.header('Cache-Control', cacheControlOf([found.related, found.reviews]));
      return found;
    },
  );
}
