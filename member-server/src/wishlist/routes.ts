import { IdSchema, PageQuerySchema, WishlistSchema } from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import { type App, callerId } from '@doa-market/common/server';
import { Type } from 'typebox';
import { POLICY } from '../policy.ts';
import type { WishlistService } from './service.ts';

const tags = ['wishlist'];
const security = [{ bearer: [] }];
const WishParamsSchema = Type.Object({ productId: IdSchema });
const WishlistQuerySchema = Type.Object(PageQuerySchema.properties, { additionalProperties: false });

export async function wishlistRoutes(app: App, { wishlist }: { wishlist: WishlistService }) {
  app.get(
    '/wishlist',
    {
      config: { access: POLICY.listWishes },
      schema: {
        operationId: 'listWishes',
        summary: "A page of the caller's wishlist",
        tags,
        security,
        querystring: WishlistQuerySchema,
        response: { 200: WishlistSchema, ...problems(401, 403, 422) },
      },
    },
    (request) => wishlist.list(callerId(request), request.query),
  );

  app.put(
    '/wishlist/:productId',
    {
      config: { access: POLICY.addWish },
      schema: {
        operationId: 'addWish',
        summary: 'Puts a product on the wishlist, or finds it there',
        tags,
        security,
        params: WishParamsSchema,
        response: { 204: Type.Null(), ...problems(401, 403, 404, 409, 422) },
      },
    },
    async (request, reply) => {
      await wishlist.add(callerId(request), request.params.productId);
      return reply.status(204).send(null);
    },
  );

  app.delete(
    '/wishlist/:productId',
    {
      config: { access: POLICY.removeWish },
      schema: {
        operationId: 'removeWish',
        summary: 'Takes a product off the wishlist, or finds it gone',
        tags,
        security,
        params: WishParamsSchema,
        response: { 204: Type.Null(), ...problems(401, 403, 422) },
      },
    },
    async (request, reply) => {
      await wishlist.remove(callerId(request), request.params.productId);
      return reply.status(204).send(null);
    },
  );
}
