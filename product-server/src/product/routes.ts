import { ProductDetailSchema, ProductListSchema } from '@doa-market/common/contracts';
import { notFound } from '@doa-market/common/errors';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { PUBLIC_CATALOGUE } from '../caching.ts';
import type { ProductRepository } from './repository.ts';
import { ProductParamsSchema, ProductQuerySchema } from './schemas.ts';

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
        tags,
        params: ProductParamsSchema,
        response: { 200: ProductDetailSchema, ...problems(404, 422) },
      },
    },
    async (request, reply) => {
      const product = await products.findByIdOrSlug(request.params.idOrSlug);
      if (!product) throw notFound('The product');
      reply.header('Cache-Control', PUBLIC_CATALOGUE);
      return product;
    },
  );
}
