import { type TokenVerifier, USER_AUDIENCE } from '@doa-market/common/auth';
import {
  CartMergeSchema,
  CartQuantitySchema,
  CartSchema,
  IdSchema,
  NewCartItemSchema,
} from '@doa-market/common/contracts';
import { invalidFields, ProblemError } from '@doa-market/common/errors';
import { problems } from '@doa-market/common/openapi';
import {
  type App,
  callerId,
  IdempotencyKeySchema,
  IfMatchSchema,
  namedWrite,
} from '@doa-market/common/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { POLICY } from '../policy.ts';
import { etagOf, expectedVersions } from './etag.ts';
import type { Carts, VersionedCart } from './service.ts';
import type { Owner } from './store.ts';

const tags = ['cart'];
const security = [{ bearer: [] }];
const ItemParamsSchema = Type.Object({ skuId: IdSchema });

interface CartRoutesOptions {
  carts: Carts;
  verifyToken: TokenVerifier;
}

/** The cart of whoever asks, guest or member: no other cart has an address. */
export async function cartRoutes(app: App, { carts, verifyToken }: CartRoutesOptions) {
  app.get(
    '/cart',
    {
      config: { access: POLICY.getCart },
      schema: {
        operationId: 'getCart',
        summary: "The caller's cart, with what its lines are and cost at this moment",
        tags,
        security,
        response: { 200: CartSchema, ...problems(401, 403, 503) },
      },
    },
    async (request, reply) => answer(reply, await carts.read(ownerOf(request))),
  );

  app.delete(
    '/cart',
    {
      config: { access: POLICY.clearCart },
      schema: {
        operationId: 'clearCart',
        summary: 'Removes everything',
        tags,
        security,
        headers: IfMatchSchema,
        response: { 204: Type.Null(), ...problems(401, 403, 412, 503) },
      },
    },
    async (request, reply) => {
      await carts.clear(ownerOf(request), conditionOf(request));
      return reply.status(204).send(null);
    },
  );

  app.post(
    '/cart/items',
    {
      config: { access: POLICY.addCartItem },
      schema: {
        operationId: 'addCartItem',
        summary: 'Adds units to a line, or a line',
        description: 'Repeated with the same X-Idempotency-Key it adds once.',
        tags,
        security,
        headers: Type.Interface([IfMatchSchema, IdempotencyKeySchema], {}),
        body: NewCartItemSchema,
        response: { 200: CartSchema, ...problems(400, 401, 403, 409, 412, 422, 503) },
      },
    },
    async (request, reply) => {
      const change = { ...conditionOf(request), write: namedWrite(request) };
      return answer(reply, await carts.add(ownerOf(request), request.body, change));
    },
  );

  app.put(
    '/cart/items/:skuId',
    {
      config: { access: POLICY.setCartItem },
      schema: {
        operationId: 'setCartItem',
        summary: 'Sets how many units a line has',
        tags,
        security,
        params: ItemParamsSchema,
        headers: IfMatchSchema,
        body: CartQuantitySchema,
        response: { 200: CartSchema, ...problems(401, 403, 404, 409, 412, 422, 503) },
      },
    },
    async (request, reply) => {
      const item = { ...request.params, ...request.body };
      return answer(reply, await carts.set(ownerOf(request), item, conditionOf(request)));
    },
  );

  app.delete(
    '/cart/items/:skuId',
    {
      config: { access: POLICY.removeCartItem },
      schema: {
        operationId: 'removeCartItem',
        summary: 'Removes a line, or finds it gone',
        tags,
        security,
        params: ItemParamsSchema,
        headers: IfMatchSchema,
        response: { 200: CartSchema, ...problems(401, 403, 412, 422, 503) },
      },
    },
    async (request, reply) =>
      answer(reply, await carts.remove(ownerOf(request), request.params.skuId, conditionOf(request))),
  );

  app.post(
    '/cart/merge',
    {
      config: { access: POLICY.mergeCart },
      schema: {
        operationId: 'mergeCart',
        summary: "Moves a guest's cart into the member's, at login",
        description: 'Repeated or at the same time it counts once: the guest has no cart afterwards.',
        tags,
        security,
        body: CartMergeSchema,
        response: { 200: CartSchema, ...problems(401, 403, 422, 503) },
      },
    },
    async (request, reply) => {
      const guest = await guestOf(request.body.guestToken);
      return answer(reply, await carts.merge(ownerOf(request), guest));
    },
  );

  /** @throws {ProblemError} 422 for a token that does not verify, or is not a guest's. */
  async function guestOf(token: string): Promise<string> {
    const claims = await verifyToken(token).catch((error: unknown) => {
      if (error instanceof ProblemError && error.status === 401) return undefined;
      throw error;
    });
    if (claims?.role === 'GUEST' && claims.aud === USER_AUDIENCE) return claims.sub;
    throw invalidFields([{ field: 'guestToken', message: 'must be a valid access token of a guest' }]);
  }
}

const ownerOf = (request: FastifyRequest): Owner => ({
  id: callerId(request),
  guest: request.caller?.role === 'GUEST',
});

const conditionOf = ({ headers }: FastifyRequest) => ({ expected: expectedVersions(headers['if-match']) });

function answer(reply: FastifyReply, { cart, version }: VersionedCart) {
  reply.header('ETag', etagOf(version));
  return cart;
}
