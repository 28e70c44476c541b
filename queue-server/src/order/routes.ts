import { IdSchema, OrderListSchema, OrderQuerySchema, OrderSchema } from '@doa-market/common/contracts';
import { problemCodes, problems } from '@doa-market/common/openapi';
import { type App, callerId } from '@doa-market/common/server';
import { Type } from 'typebox';
import { POLICY } from '../policy.ts';
import type { OrderService } from './service.ts';

const tags = ['orders'];
const security = [{ bearer: [] }];
const params = Type.Object({ id: IdSchema });

export async function orderRoutes(app: App, { orders }: { orders: OrderService }) {
  app.get(
    '/orders',
    {
      config: { access: POLICY.listOwnOrders },
      schema: {
        operationId: 'listOwnOrders',
        summary: "A page of the caller's own orders, newest first",
        tags,
        security,
        querystring: OrderQuerySchema,
        response: { 200: OrderListSchema, ...problems(401, 403, 422) },
      },
    },
    (request) => orders.list(callerId(request), request.query),
  );

  app.get(
    '/orders/:id',
    {
      config: { access: POLICY.getOrder },
      schema: {
        operationId: 'getOrder',
        summary: "An order of the caller's own; administrators see all of them",
        tags,
        security,
        params,
        response: { 200: OrderSchema, ...problems(401, 403, 404, 422) },
      },
    },
    (request) => {
      const seesAll = request.caller?.role === 'ADMIN';
      return orders.find(request.params.id, { memberId: callerId(request), seesAll });
    },
  );

  app.post(
    '/orders/:id/cancel',
    {
      config: { access: POLICY.cancelOrder },
      schema: {
        operationId: 'cancelOrder',
        summary: 'Cancels an order of the caller; what was paid goes back in whole',
        description:
          'Before it is paid always; then goods until they are shipped, and seats until the end of the day before the event, in Seoul. May be repeated.',
        tags,
        security,
        params,
        response: {
          200: OrderSchema,
          ...problemCodes({ 409: ['ORD_4090', 'ORD_4092'] }),
          ...problems(401, 403, 404, 422),
        },
      },
    },
    (request) => orders.cancel(request.params.id, callerId(request)),
  );

  app.post(
    '/orders/:id/ship',
    {
      config: { access: POLICY.shipOrder },
      schema: {
        operationId: 'shipOrder',
        summary: 'Says that the goods of an order have left. May be repeated',
        tags,
        security,
        params,
        response: {
          200: OrderSchema,
          ...problemCodes({ 409: ['ORD_4090'] }),
          ...problems(401, 403, 404, 422),
        },
      },
    },
    (request) => orders.ship(request.params.id, callerId(request)),
  );
}
