import { NewOrderSchema, OrderSchema } from '@doa-market/common/contracts';
import { problemCodes, problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { RequiredKeySchema, requiredWrite } from '../order/write.ts';
import { POLICY } from '../policy.ts';
import type { Checkout } from './service.ts';

export async function checkoutRoutes(app: App, { checkout }: { checkout: Checkout }) {
  app.post(
    '/orders',
    {
      config: { access: POLICY.createOrder },
      schema: {
        operationId: 'createOrder',
        summary: 'Orders goods at the price that the buyer has seen, and holds them until they are paid for',
        description: 'Repeated with the same key it answers the same order.',
        tags: ['orders'],
        security: [{ bearer: [] }],
        headers: RequiredKeySchema,
        body: NewOrderSchema,
        response: {
          201: OrderSchema,
          ...problemCodes({
            400: ['IDEM_4000', 'REQ_4000'],
            409: ['INV_4090', 'INV_4091', 'ORD_4091'],
            422: ['REQ_4220', 'IDEM_4220'],
          }),
          ...problems(401, 403, 502, 503, 504),
        },
      },
    },
    async (request, reply) => {
      const order = await checkout.order(requiredWrite(request), request.body);
      return reply.status(201).header('Location', `/api/orders/${order.id}`).send(order);
    },
  );
}
