import { ProblemError } from '@doa-market/common/errors';
import { problemCodes, problems } from '@doa-market/common/openapi';
import type { App } from '@doa-market/common/server';
import { Type } from 'typebox';
import { POLICY } from '../policy.ts';
import type { Payments } from './payments.ts';

/** Bytes: PortOne's are a few hundred. */
const BODY_LIMIT = 65_536;
const NOTHING = Buffer.alloc(0);

/** Read by whoever asked, which shows it to the buyer. */
const RefusedSchema = Type.Object({ errorMessage: Type.String() });

type WebhookParts = Pick<Payments, 'gateway' | 'webhooks' | 'confirm'>;

/** For the gateway, which has no token: its signature is over the very bytes that came, so nothing may read them before. */
export async function paymentWebhookRoutes(app: App, { gateway, webhooks, confirm }: WebhookParts) {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, body, done) => {
    done(null, body);
  });

  app.post(
    '/payments/webhook',
    {
      config: { access: POLICY.receivePaymentWebhook },
      bodyLimit: BODY_LIMIT,
      schema: {
        operationId: 'receivePaymentWebhook',
        summary: 'Takes a webhook of the payment gateway (Standard Webhooks)',
        description:
          'Answered with 200 when it was taken, now or before; 409 tells the gateway not to capture. Whatever is 5xx should be sent again.',
        tags: ['payments'],
        response: {
          200: Type.Object({}),
          409: RefusedSchema,
          ...problemCodes({ 400: ['PAY_4000'] }),
          ...problems(413, 502, 503, 504),
        },
      },
    },
    async (request, reply) => {
      const notice = read(request.headers, request.body);
      if (notice.type !== 'Transaction.Confirm') {
        await webhooks.receive(notice);
        return reply.status(200).send({});
      }
      const errorMessage = await confirm(notice);
      return errorMessage === undefined
        ? reply.status(200).send({})
        : reply.status(409).send({ errorMessage });
    },
  );

  function read(headers: Parameters<typeof gateway.readWebhook>[0], body: unknown) {
    try {
      return gateway.readWebhook(headers, body instanceof Buffer ? body : NOTHING);
    } catch (error) {
      const reason = error instanceof ProblemError ? error.cause : undefined;
      app.log.warn({ reason, webhookId: headers['webhook-id'] }, 'a webhook was not believed');
      throw error;
    }
  }
}
