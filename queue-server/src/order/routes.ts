import { ANY_MEMBER } from '@doa-market/common/auth';
import { OrderListSchema, PageQuerySchema } from '@doa-market/common/contracts';
import { unauthenticated } from '@doa-market/common/errors';
import { problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import type { OrderRepository } from './repository.ts';

export async function orderRoutes(app: App, { orders }: { orders: OrderRepository }) {
  app.get(
    '/orders',
    {
      config: { access: ANY_MEMBER },
      schema: {
        operationId: 'listOwnOrders',
        summary: "A page of the caller's own orders, newest first",
        tags: ['orders'],
        security: [{ bearer: [] }],
        querystring: PageQuerySchema,
        response: { 200: OrderListSchema, ...problems(401, 403, 422) },
      },
    },
    async (request) => {
      if (!request.caller) throw unauthenticated();
      return orders.paginateByMember(request.caller.sub, request.query);
    },
  );
}
