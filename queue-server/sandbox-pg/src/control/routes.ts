import type { App } from '@doa-market/common/server';
import { Type } from 'typebox';
import { requireSecret } from '../api/authentication.ts';
import { PaymentIdSchema, PaymentParamsSchema } from '../api/schemas.ts';
import type { Clock } from '../clock.ts';
import { invalidRequest, paymentNotFound } from '../errors.ts';
import { FaultsSchema } from '../faults.ts';
import { printed } from '../ledger.ts';
import { findCard } from '../payment/cards.ts';
import { type Payment, PaymentStatusSchema } from '../payment/payment.ts';
import type { Till } from '../payment/till.ts';
import type { Store } from '../store.ts';
import type { Secrets } from '../webhook/secrets.ts';

const strict = { additionalProperties: false };
const ofPayment = Type.Object({
  paymentId: Type.Optional(PaymentIdSchema),
  limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 1_000 }),
});

interface Parts {
  store: Store;
  clock: Clock;
  till: Till;
  secrets: Secrets;
  apiSecret: string;
}

/** How tests and operators look in and turn the screws; PortOne has nothing of the kind. */
export async function controlRoutes(app: App, { store, clock, till, secrets, apiSecret }: Parts) {
  app.addHook('onRequest', requireSecret(apiSecret));

  function find(id: string): Payment {
    const payment = store.payment(id);
    if (!payment) throw paymentNotFound();
    return payment;
  }

  app.get(
    '/payments',
    {
      schema: {
        querystring: Type.Object({
          status: Type.Optional(PaymentStatusSchema),
          limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 100 }),
        }),
      },
    },
    async ({ query: { status, limit } }) => {
      const all = [...store.payments()].filter((it) => status === undefined || it.status === status);
      return { payments: all.slice(-limit).reverse() };
    },
  );

  app.get('/payments/:paymentId', { schema: { params: PaymentParamsSchema } }, async ({ params }) => ({
    ...find(params.paymentId),
    entries: store.entries(params.paymentId),
  }));

  // Pays as a buyer does on the page: opens it, enters the card, and answers the second page of 3-D Secure.
  app.post(
    '/payments/:paymentId/pay',
    {
      schema: {
        params: PaymentParamsSchema,
        body: Type.Object(
          {
            card: Type.String({ maxLength: 50, description: 'number or name of a test card' }),
            passes: Type.Boolean({ default: true, description: 'whether 3-D Secure is passed' }),
          },
          strict,
        ),
      },
    },
    async ({ params, body }) => {
      const card = findCard(body.card);
      if (!card) throw invalidRequest('테스트 카드가 아닙니다.');
      const outcome = await till.pay(till.open(find(params.paymentId)), card);
      if (outcome.result !== 'CHALLENGED') return outcome;
      return till.authenticate(outcome.payment, card, body.passes);
    },
  );

  app.post('/payments/:paymentId/close', { schema: { params: PaymentParamsSchema } }, async ({ params }) =>
    till.close(till.open(find(params.paymentId))),
  );

  app.put(
    '/payments/:paymentId/faults',
    { schema: { params: PaymentParamsSchema, body: FaultsSchema } },
    async ({ params, body }) => {
      store.save({ ...find(params.paymentId), faults: body });
      return body;
    },
  );

  app.get('/faults', async () => store.settings().faults);

  app.put('/faults', { schema: { body: FaultsSchema } }, async ({ body }) => {
    store.change({ faults: body });
    return body;
  });

  app.get('/clock', async () => ({ now: new Date(clock.now()).toISOString(), ahead: clock.ahead() / 1_000 }));

  app.post(
    '/clock',
    { schema: { body: Type.Object({ advance: Type.Number({ minimum: 0, maximum: 1e8 }) }, strict) } },
    async ({ body }) => {
      clock.advance(body.advance * 1_000);
      store.change({ ahead: clock.ahead() });
      return { now: new Date(clock.now()).toISOString(), ahead: clock.ahead() / 1_000 };
    },
  );

  app.get(
    '/ledger',
    {
      schema: {
        querystring: Type.Object({
          ...ofPayment.properties,
          format: Type.Enum(['json', 'text'], { default: 'json' }),
        }),
      },
    },
    async ({ query }, reply) => {
      const entries = store.entries(query.paymentId).slice(-query.limit);
      const totals = store.totals();
      if (query.format === 'json') return { entries, totals };
      return reply.type('text/plain; charset=utf-8').send(printed(entries, totals));
    },
  );

  app.get('/webhooks', { schema: { querystring: ofPayment } }, async ({ query: { paymentId, limit } }) => {
    const all = store.deliveries().filter((it) => paymentId === undefined || it.paymentId === paymentId);
    return { webhooks: all.slice(-limit) };
  });

  // Rotation as PortOne does it: issue a second one, take the shop over to it, expire the first.
  app.post('/webhook-secrets', async () => {
    const secret = secrets.add();
    if (secret === undefined) throw invalidRequest('웹훅 시크릿은 두 개까지 발급할 수 있습니다.');
    return { secret };
  });

  app.delete('/webhook-secrets/oldest', async (_request, reply) => {
    if (!secrets.removeOldest()) throw invalidRequest('마지막 웹훅 시크릿은 만료시킬 수 없습니다.');
    return reply.status(204).send();
  });
}
