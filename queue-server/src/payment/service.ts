import { setTimeout as delay } from 'node:timers/promises';
import type { PaymentSession, Payment as PublicPayment } from '@doa-market/common/contracts';
import { UpstreamError } from '@doa-market/common/http';
import type { Logger } from '@doa-market/common/logging';
import type { createBegin, PaymentRequest } from './begin.ts';
import { toPayment } from './presentation.ts';
import { paymentNotFound } from './refusals.ts';
import { type FoundPayment, isLive, type PaymentRepository } from './repository.ts';
import type { Settle } from './settle.ts';

interface ServiceParts {
  payments: PaymentRepository;
  begin: ReturnType<typeof createBegin>;
  settle: Settle;
  logger: Logger;
}

/** Milliseconds that a buyer who is back waits for the order that the money is for, and between looks at it: ever longer. */
const PATIENCE = 3_000;
const FIRST_GLANCE = 50;
const LAST_GLANCE = 400;

/** What buyers do with payments: their own ones, as others do not exist for them. */
export function createPaymentService({ payments, begin, settle, logger }: ServiceParts) {
  async function findOwn(id: string, memberId: string): Promise<{ payment: FoundPayment; now: Date }> {
    const found = await payments.find(id);
    if (found?.payment.order.memberId === memberId) return found;
    if (found) logger.warn({ paymentId: id, memberId }, "somebody else's payment was asked for");
    throw paymentNotFound();
  }

  const present = ({ payment, now }: { payment: FoundPayment; now: Date }): PublicPayment =>
    toPayment(payment, payment.order, now);

  /** The payment when its order has what the money is for, or when that was waited for long enough. */
  async function awaitOrder(id: string, memberId: string): Promise<PublicPayment> {
    const until = performance.now() + PATIENCE;
    for (let pause = FIRST_GLANCE; ; pause = Math.min(2 * pause, LAST_GLANCE)) {
      const found = await findOwn(id, memberId);
      const { status, order } = found.payment;
      if (status !== 'PAID' || order.status === 'CONFIRMED' || performance.now() > until)
        return present(found);
      await delay(pause);
    }
  }

  return {
    async begin(request: PaymentRequest): Promise<PaymentSession> {
      const { paymentId, checkout } = await begin(request);
      return { payment: present(await findOwn(paymentId, request.write.subject)), checkout };
    },

    async find(id: string, memberId: string): Promise<PublicPayment> {
      return present(await findOwn(id, memberId));
    },

    /** The buyer is back: what the gateway says now, not what the browser says. Without its word it stays UNKNOWN. */
    async complete(id: string, memberId: string): Promise<PublicPayment> {
      const { payment } = await findOwn(id, memberId);
      if (isLive(payment)) {
        await settle(id).catch((error: unknown) => {
          if (!(error instanceof UpstreamError)) throw error;
          logger.warn({ paymentId: id, err: error }, 'the gateway does not say what has become of a payment');
        });
      }
      return awaitOrder(id, memberId);
    },
  };
}
export type PaymentService = ReturnType<typeof createPaymentService>;
