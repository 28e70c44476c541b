import {
  NewReviewSchema,
  OwnReviewSchema,
  ReviewChangesSchema,
  ReviewHighlightListSchema,
  ReviewListSchema,
  ReviewQuerySchema,
  ReviewVisibilitySchema,
} from '@doa-market/common/contracts';
import { problemCodes, problems } from '@doa-market/common/openapi';
import { type App, callerId, IdempotencyKeySchema, namedWrite } from '@doa-market/common/server';
import { Type } from 'typebox';
import { PUBLIC_CATALOGUE } from '../caching.ts';
import { POLICY } from '../policy.ts';
import { ProductParamsSchema } from '../product/schemas.ts';
import { LatestReviewsQuerySchema, ReviewParamsSchema } from './schemas.ts';
import type { ReviewService } from './service.ts';

const tags = ['reviews'];
const security = [{ bearer: [] }];

export async function reviewRoutes(app: App, { reviews }: { reviews: ReviewService }) {
  app.get(
    '/reviews',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'listLatestReviews',
        summary: 'The latest reviews of all products, one of each at most',
        tags,
        querystring: LatestReviewsQuerySchema,
        response: { 200: ReviewHighlightListSchema, ...problems(422) },
      },
    },
    async (request, reply) => {
      reply.header('Cache-Control', PUBLIC_CATALOGUE);
      return { data: await reviews.listLatest(request.query.limit) };
    },
  );

  app.get(
    '/products/:idOrSlug/reviews',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'listReviews',
        summary: 'A page of the reviews of a product, and what all of them say together',
        tags,
        params: ProductParamsSchema,
        querystring: ReviewQuerySchema,
        response: { 200: ReviewListSchema, ...problems(404, 422) },
      },
    },
    async (request, reply) => {
      const list = await reviews.list(request.params.idOrSlug, request.query);
      reply.header('Cache-Control', PUBLIC_CATALOGUE);
      return list;
    },
  );

  app.get(
    '/products/:idOrSlug/reviews/own',
    {
      config: { access: POLICY.getOwnReview },
      schema: {
        operationId: 'getOwnReview',
        summary: "The caller's own review of a product",
        tags,
        security,
        params: ProductParamsSchema,
        response: { 200: OwnReviewSchema, ...problems(401, 403, 404, 422) },
      },
    },
    (request) => reviews.findOwn(request.params.idOrSlug, callerId(request)),
  );

  app.post(
    '/products/:idOrSlug/reviews',
    {
      config: { access: POLICY.createReview },
      schema: {
        operationId: 'createReview',
        summary: 'Reviews a product that the caller has bought, once',
        tags,
        security,
        params: ProductParamsSchema,
        headers: IdempotencyKeySchema,
        body: NewReviewSchema,
        response: {
          201: OwnReviewSchema,
          ...problemCodes({ 403: ['AUTH_1003', 'REQ_4030'], 409: ['REQ_4090', 'IDEM_4090'] }),
          ...problems(400, 401, 404, 422, 503),
        },
      },
    },
    async (request, reply) => {
      const { idOrSlug } = request.params;
      const write = namedWrite(request);
      const review = await reviews.create(idOrSlug, callerId(request), request.body, write);
      return reply.status(201).header('Location', `/api/v1/reviews/${review.id}`).send(review);
    },
  );

  app.patch(
    '/reviews/:id',
    {
      config: { access: POLICY.updateReview },
      schema: {
        operationId: 'updateReview',
        summary: "Changes the caller's own review; what is not named stays",
        tags,
        security,
        params: ReviewParamsSchema,
        body: ReviewChangesSchema,
        response: { 200: OwnReviewSchema, ...problems(401, 403, 404, 422) },
      },
    },
    (request) => reviews.update(request.params.id, callerId(request), request.body),
  );

  app.delete(
    '/reviews/:id',
    {
      config: { access: POLICY.removeReview },
      schema: {
        operationId: 'removeReview',
        summary: "Deletes the caller's own review",
        tags,
        security,
        params: ReviewParamsSchema,
        response: { 204: Type.Null(), ...problems(401, 403, 404, 422) },
      },
    },
    async (request, reply) => {
      await reviews.remove(request.params.id, callerId(request));
      return reply.status(204).send(null);
    },
  );

  app.put(
    '/reviews/:id/status',
    {
      config: { access: POLICY.setReviewStatus },
      schema: {
        operationId: 'setReviewStatus',
        summary: 'Hides a review from everybody but its writer, or shows it again',
        tags,
        security,
        params: ReviewParamsSchema,
        body: ReviewVisibilitySchema,
        response: { 200: OwnReviewSchema, ...problems(401, 403, 404, 422) },
      },
    },
    (request) => reviews.setStatus(request.params.id, request.body.status),
  );
}
