import { randomUUID } from 'node:crypto';
import type { Logger } from '@doa-market/common/logging';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Clock } from '../clock.ts';
import type { Payment } from '../payment/payment.ts';
import type { Store } from '../store.ts';
import { messageOf } from './notices.ts';
import type { Post } from './post.ts';

const TIMEOUT = 10_000;
const refusal = Compile(Type.Object({ errorMessage: Type.String({ maxLength: 200 }) }));
const REFUSED = '판매자가 결제를 승인하지 않았습니다.';

type Confirmation = { confirmed: true } | { confirmed: false; message: string };

interface Parts {
  store: Store;
  clock: Clock;
  post: Post;
  storeId: string;
  logger: Logger;
}

/** Asks the shop once, before the money is taken: only a 200 in time is a yes. */
export function createConfirm({ store, clock, post, storeId, logger }: Parts) {
  return async function confirm(payment: Payment): Promise<Confirmation> {
    const body = messageOf(payment, 'Confirm', storeId, clock.now(), { totalAmount: payment.amount });
    const faults = payment.faults.webhooks ?? store.settings().faults.webhooks ?? {};
    try {
      const answer = await post({ id: randomUUID(), body }, TIMEOUT, faults, AbortSignal.timeout(TIMEOUT));
      if (answer.status === 200) return { confirmed: true };
      return { confirmed: false, message: messageIn(answer.body) };
    } catch (error) {
      logger.info({ paymentId: payment.id, err: error }, 'nobody confirmed the payment');
      return { confirmed: false, message: REFUSED };
    }
  };
}
export type Confirm = ReturnType<typeof createConfirm>;

function messageIn(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    return refusal.Check(parsed) ? parsed.errorMessage : REFUSED;
  } catch {
    return REFUSED;
  }
}
