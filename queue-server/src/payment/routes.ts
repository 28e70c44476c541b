import {
  IdSchema,
  NewPaymentSchema,
  PaymentSchema,
  PaymentSessionSchema,
} from '@doa-market/common/contracts';
import { unauthenticated } from '@doa-market/common/errors';
import { problemCodes, problems } from '@doa-market/common/openapi';
import { type App, IdempotencyKeySchema, namedWrite } from '@doa-market/common/server';
import { Type } from 'typebox';
import { keyMissing } from '../order/refusals.ts';
import { POLICY } from '../policy.ts';
import type { PaymentService } from './service.ts';

const tags = ['payments'];
const security = [{ bearer: [] }];
const PaymentParamsSchema = Type.Object({ id: IdSchema });
const NewPaymentHeadersSchema = Type.Interface([IdempotencyKeySchema], {
  'x-queue-token': Type.Optional(
    Type.String({ maxLength: 128, description: 'the permit `qp_...` of seats that a waiting room led to' }),
  ),
});

/** For buyers, and for what is their own. */
export async function paymentRoutes(app: App, { payments }: { payments: PaymentService }) {
  app.post(
    '/payments',
    {
      config: { access: POLICY.createPayment },
      schema: {
        operationId: 'createPayment',
        summary: 'Begins to pay for an order, and says where',
        description:
          'Repeated under the same idempotency key it answers the same payment. `amount` is what the buyer has seen: another one than the order costs is refused, never charged.',
        tags,
        security,
        headers: NewPaymentHeadersSchema,
        body: NewPaymentSchema,
        response: {
          201: PaymentSessionSchema,
          ...problemCodes({
            400: ['REQ_4000', 'IDEM_4000'],
            403: ['AUTH_1003', 'QUE_4030'],
            409: ['ORD_4091', 'PAY_4090', 'PAY_4091'],
            422: ['REQ_4220', 'IDEM_4220'],
          }),
          ...problems(401, 404, 502, 503, 504),
        },
      },
    },
    async (request, reply) => {
      const write = namedWrite(request);
      if (!write) throw keyMissing();
      const permit = request.headers['x-queue-token'];
      return reply.status(201).send(await payments.begin({ ...request.body, write, permit }));
    },
  );

  app.get(
    '/payments/:id',
    {
      config: { access: POLICY.getPayment },
      schema: {
        operationId: 'getPayment',
        summary: "A payment of the caller's own, as far as it is known",
        tags,
        security,
        params: PaymentParamsSchema,
        response: { 200: PaymentSchema, ...problems(401, 403, 404, 422) },
      },
    },
    async (request) => {
      if (!request.caller) throw unauthenticated();
      return payments.find(request.params.id, request.caller.sub);
    },
  );

  app.post(
    '/payments/:id/complete',
    {
      config: { access: POLICY.completePayment },
      schema: {
        operationId: 'completePayment',
        summary: 'Asks the gateway what has become of a payment, and waits a moment for its order',
        description:
          'UNKNOWN is no failure: the gateway has not said, and goes on being asked. May be repeated at will.',
        tags,
        security,
        params: PaymentParamsSchema,
        response: { 200: PaymentSchema, ...problems(401, 403, 404, 422) },
      },
    },
    async (request) => {
      if (!request.caller) throw unauthenticated();
      return payments.complete(request.params.id, request.caller.sub);
    },
  );
}
