import { ReviewListSchema, ReviewQuerySchema, SlugSchema } from '@doa-market/common/contracts';
import { notFound } from '@doa-market/common/errors';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { Type } from 'typebox';
import { cacheControlOf } from '../section.ts';
import type { Catalogue } from '../upstream/catalogue.ts';

/** Of all their pages nobody knows which a new review moves: short, where the product's own page is purged. */
const PAGES = 'public, s-maxage=10, stale-while-revalidate=60';

export async function reviewRoutes(app: App, { catalogue }: { catalogue: Catalogue }) {
  app.get(
    '/products/:slug/reviews',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'getReviewPage',
        summary: 'More reviews of a product than its page has',
        tags: ['products'],
        params: Type.Object({ slug: SlugSchema }),
        querystring: ReviewQuerySchema,
        response: { 200: ReviewListSchema, ...problems(404, 422, 502, 503, 504) },
      },
    },
    async (request, reply) => {
      const reviews = await catalogue.reviews(request.params.slug, request.query);
      if (!reviews) throw notFound('The product');
      reply.header('Cache-Control', cacheControlOf([], PAGES));
      return reviews;
    },
  );
}
