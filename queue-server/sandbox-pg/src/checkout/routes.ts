import type { App } from '@doa-market/common/server';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { PaymentParamsSchema } from '../api/schemas.ts';
import { CARDS, findCard } from '../payment/cards.ts';
import type { Payment } from '../payment/payment.ts';
import type { Outcome, Till } from '../payment/till.ts';
import type { Store } from '../store.ts';
import { policyFor } from './layout.ts';
import { cardPage, challengePage, messagePage } from './pages.ts';
import { returnUrlOf } from './return.ts';

const CHALLENGED = CARDS.find(({ name }) => name === 'three-d-secure') ?? CARDS[0];

interface Parts {
  store: Store;
  till: Till;
  origins: readonly string[];
}

/** The page on which buyers pay: plain forms, so that it works without a script. */
export async function checkoutRoutes(app: App, { store, till, origins }: Parts) {
  const policy = policyFor(origins);

  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 2_000 },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body.toString()))),
  );

  function show(reply: FastifyReply, status: number, document: string): FastifyReply {
    return reply
      .status(status)
      .headers({
        'content-security-policy': policy,
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      })
      .type('text/html; charset=utf-8')
      .send(document);
  }

  const unknown = (reply: FastifyReply) =>
    show(reply, 404, messagePage('결제를 찾을 수 없습니다', '주소가 올바른지 확인해 주세요.'));

  function goBack(reply: FastifyReply, payment: Payment): FastifyReply {
    const url = returnUrlOf(payment);
    if (url !== undefined) return reply.header('cache-control', 'no-store').redirect(url, 303);
    return show(reply, 200, messagePage('결제가 끝났습니다', payment.failure?.message ?? '결제되었습니다.'));
  }

  function answer(reply: FastifyReply, { result, payment }: Outcome): FastifyReply {
    const back = returnUrlOf(payment);
    switch (result) {
      case 'PAID':
      case 'FAILED':
        return goBack(reply, payment);
      case 'CHALLENGED':
        return reply.redirect(`/checkout/${payment.id}/challenge`, 303);
      case 'SILENT':
        return show(
          reply,
          504,
          messagePage(
            '응답이 없습니다',
            '카드사가 응답하지 않습니다. 결제 결과를 쇼핑몰에서 확인해 주세요.',
            back,
          ),
        );
      case 'BUSY':
        return show(
          reply,
          409,
          messagePage('이미 처리 중이거나 끝난 결제입니다', '결제 결과를 쇼핑몰에서 확인해 주세요.', back),
        );
    }
  }

  const params = PaymentParamsSchema;

  app.get('/checkout/:paymentId', { schema: { params } }, async (request, reply) => {
    const registered = store.payment(request.params.paymentId);
    if (!registered) return unknown(reply);
    const payment = till.open(registered);
    if (payment.status === 'READY') return show(reply, 200, cardPage(payment));
    if (payment.status === 'CHALLENGED') return answer(reply, { result: 'CHALLENGED', payment });
    if (payment.status === 'FAILED') return goBack(reply, payment);
    return answer(reply, { result: 'BUSY', payment });
  });

  app.post(
    '/checkout/:paymentId/pay',
    {
      schema: {
        params,
        body: Type.Object({ card: Type.Optional(Type.String()), preset: Type.Optional(Type.String()) }),
      },
    },
    async (request, reply) => {
      const payment = store.payment(request.params.paymentId);
      if (!payment) return unknown(reply);
      const card = findCard(request.body.preset ?? request.body.card ?? '');
      if (!card) return show(reply, 422, cardPage(payment, '테스트 카드만 사용할 수 있습니다.'));
      return answer(reply, await till.pay(payment, card));
    },
  );

  app.post('/checkout/:paymentId/close', { schema: { params } }, async (request, reply) => {
    const payment = store.payment(request.params.paymentId);
    return payment ? answer(reply, till.close(payment)) : unknown(reply);
  });

  app.get('/checkout/:paymentId/challenge', { schema: { params } }, async (request, reply) => {
    const payment = store.payment(request.params.paymentId);
    if (payment?.status === 'CHALLENGED') return show(reply, 200, challengePage(payment));
    return payment ? answer(reply, { result: 'BUSY', payment }) : unknown(reply);
  });

  app.post(
    '/checkout/:paymentId/challenge',
    { schema: { params, body: Type.Object({ result: Type.Enum(['pass', 'fail']) }) } },
    async (request, reply) => {
      const payment = store.payment(request.params.paymentId);
      if (!payment || !CHALLENGED) return unknown(reply);
      return answer(reply, await till.authenticate(payment, CHALLENGED, request.body.result === 'pass'));
    },
  );
}
