import type { App } from '@doa-market/common/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { forbidden } from '../errors.ts';
import type { ApiOperation } from '../faults.ts';
import { presentCancellation, presentPayment } from '../payment/presentation.ts';
import type { Payments } from '../payment/service.ts';
import type { ReturnUrls } from '../return-url.ts';
import { requireSecret } from './authentication.ts';
import type { Answered, Idempotency } from './idempotency.ts';
import { cut, Dropped, goneSignal, type Interruptions } from './interruption.ts';
import { CancelSchema, GetPaymentQuerySchema, PaymentParamsSchema, PreRegisterSchema } from './schemas.ts';

interface Parts {
  payments: Payments;
  idempotency: Idempotency;
  interruptions: Interruptions;
  returnUrls: ReturnUrls;
  apiSecret: string;
  storeId: string;
  /** Where buyers reach this server. */
  publicUrl: string;
}

/** PortOne V2's REST API, as far as PROTOCOL.md goes. */
export async function apiRoutes(app: App, parts: Parts) {
  const { payments, idempotency, interruptions, returnUrls, apiSecret, storeId, publicUrl } = parts;
  app.addHook('onRequest', requireSecret(apiSecret));

  async function answer(
    request: Pick<FastifyRequest, 'raw' | 'headers' | 'body'>,
    reply: FastifyReply,
    call: { operation: ApiOperation; paymentId: string; storeId: string | undefined },
    work: () => Answered,
  ): Promise<FastifyReply | undefined> {
    const { operation, paymentId } = call;
    if (call.storeId !== undefined && call.storeId !== storeId) throw forbidden();
    const signal = goneSignal(reply);
    const around = (effect: () => Answered) => interruptions.around(operation, paymentId, signal, effect);
    const key = operation === 'get' ? undefined : request.headers['idempotency-key'];
    const identity = [operation, paymentId, JSON.stringify(request.body ?? null)];
    try {
      const { status, body } = await idempotency.run(key?.toString(), identity, work, around);
      return reply.status(status).send(body);
    } catch (error) {
      if (!(error instanceof Dropped)) throw error;
      cut(request, reply);
      return undefined;
    }
  }

  app.post(
    '/payments/:paymentId/pre-register',
    { schema: { params: PaymentParamsSchema, body: PreRegisterSchema } },
    (request, reply) => {
      const { totalAmount: amount, currency, orderName, redirectUrl, expiresAt } = request.body;
      const call = { operation: 'pre-register', ...request.params, storeId: request.body.storeId } as const;
      return answer(request, reply, call, () => {
        payments.register(call.paymentId, {
          amount,
          currency,
          orderName,
          redirectUrl: redirectUrl === undefined ? null : returnUrls.check(redirectUrl),
          expiresAt: expiresAt === undefined ? null : Date.parse(expiresAt),
        });
        return { status: 200, body: { checkoutUrl: `${publicUrl}/checkout/${call.paymentId}` } };
      });
    },
  );

  app.get(
    '/payments/:paymentId',
    { schema: { params: PaymentParamsSchema, querystring: GetPaymentQuerySchema } },
    (request, reply) => {
      const call = { operation: 'get', ...request.params, storeId: request.query.storeId } as const;
      return answer(request, reply, call, () => ({
        status: 200,
        body: presentPayment(payments.begun(call.paymentId), storeId),
      }));
    },
  );

  app.post(
    '/payments/:paymentId/cancel',
    { schema: { params: PaymentParamsSchema, body: CancelSchema } },
    (request, reply) => {
      const call = { operation: 'cancel', ...request.params, storeId: request.body.storeId } as const;
      return answer(request, reply, call, () => ({
        status: 200,
        body: { cancellation: presentCancellation(payments.cancel(call.paymentId, request.body)) },
      }));
    },
  );
}
