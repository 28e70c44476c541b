import { AddressSchema, CartPurchaseSchema, IdSchema } from '@doa-market/common/contracts';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { Type } from 'typebox';
import type { AddressService } from '../address/service.ts';
import type { Carts } from '../cart/service.ts';
import { POLICY } from '../policy.ts';

const tags = ['internal'];
const security = [{ bearer: [] }];

interface PurchaseRoutesOptions {
  addresses: AddressService;
  carts: Carts;
}

/** What queue-server needs for an order: never routed by the gateway, and its service token is asked for all the same. */
export async function purchaseRoutes(app: App, { addresses, carts }: PurchaseRoutesOptions) {
  app.get(
    '/members/:memberId/addresses/:id',
    {
      config: { access: POLICY.getAddressOfMember },
      schema: {
        operationId: 'getAddressOfMember',
        summary: "Where a member's order goes",
        tags,
        security,
        params: Type.Object({ memberId: IdSchema, id: IdSchema }),
        response: { 200: AddressSchema, ...problems(401, 403, 404, 422) },
      },
    },
    async ({ params }) => (await addresses.read(params.memberId, params.id)).address,
  );

  app.post(
    '/carts/:memberId/remove',
    {
      config: { access: POLICY.removePurchase },
      schema: {
        operationId: 'removePurchase',
        summary: 'Takes what an order has bought out of the cart',
        description: 'Once for each order, however often it is said: what was put in besides stays.',
        tags,
        security,
        params: Type.Object({ memberId: IdSchema }),
        body: CartPurchaseSchema,
        response: { 204: Type.Null(), ...problems(401, 403, 422, 503) },
      },
    },
    async (request, reply) => {
      await carts.removePurchase(request.params.memberId, request.body);
      return reply.status(204).send(null);
    },
  );
}
