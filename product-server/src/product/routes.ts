import { ProductListSchema } from '@doa-market/common/contracts';
import { notFound } from '@doa-market/common/errors';
import { problems } from '@doa-market/common/openapi';
import { type App, etagOf } from '@doa-market/common/server';
import { Type } from 'typebox';
import { PUBLIC_CATALOGUE, REDIRECT } from '../caching.ts';
import { editorAmong } from '../editor.ts';
import type { ProductRepository } from './repository.ts';
import { ProductAnswerSchema, ProductParamsSchema, ProductQuerySchema } from './schemas.ts';

const tags = ['products'];

export async function productRoutes(app: App, { products }: { products: ProductRepository }) {
  app.get(
    '/products',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'listProducts',
        summary: 'A page of the listed products',
        tags,
        querystring: ProductQuerySchema,
        response: { 200: ProductListSchema, ...problems(422) },
      },
    },
    async (request, reply) => {
      reply.header('Cache-Control', PUBLIC_CATALOGUE);
      return products.paginate(request.query);
    },
  );

  app.get(
    '/products/:idOrSlug',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getProduct',
        summary: 'A product with its pictures, options and stock',
        description:
          'A former slug redirects to the newest. What is not listed is there for its seller and administrators alone.',
        tags,
        params: ProductParamsSchema,
        response: {
          200: ProductAnswerSchema,
          308: { ...Type.Null(), description: 'The product has another slug now' },
          ...problems(404, 422),
        },
      },
    },
    async (request, reply) => {
      const { idOrSlug } = request.params;
      const editor = editorAmong(request);
      const found = await products.findByIdOrSlug(idOrSlug, editor);
      if (!found) {
        const slug = await products.findNewSlug(idOrSlug, editor);
        if (slug === null) throw notFound('The product');
        return reply
          .status(308)
          .headers({ Location: `/api/v1/products/${slug}`, 'Cache-Control': REDIRECT })
          .send(null);
      }
      if (found.listed) reply.header('Cache-Control', PUBLIC_CATALOGUE);
      else reply.header('ETag', etagOf(found.version));
      return found.product;
    },
  );
}
