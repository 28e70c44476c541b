import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import {
  alreadyCancelled,
  alreadyPaid,
  cancellableChanged,
  exceedsCancellable,
  full,
  invalidRequest,
  notPaid,
  paymentNotFound,
} from '../errors.ts';
import type { Store } from '../store.ts';
import type { Cancellations } from './cancellations.ts';
import { type Cancellation, cancellableOf, type Payment } from './payment.ts';

export interface Registration {
  amount: number;
  currency: string;
  orderName: string;
  redirectUrl: string | null;
  expiresAt: number | null;
}

export interface CancelRequest {
  amount?: number;
  reason: string;
  currentCancellableAmount?: number;
  skipWebhook?: boolean;
}

interface Parts {
  store: Store;
  clock: Clock;
  cancellations: Cancellations;
}

/** What the shop's server may do with a payment. Each call throws a {PortOneError} where PortOne would refuse it. */
export function createPayments({ store, clock, cancellations }: Parts) {
  /** A payment that the buyer has not been near does not exist outside. */
  function begun(id: string): Payment {
    const payment = store.payment(id);
    if (!payment || payment.status === 'REGISTERED') throw paymentNotFound();
    return payment;
  }

  return {
    begun,

    /** May be repeated until it is paid; the last registration counts. */
    register(id: string, registration: Registration): void {
      const known = store.payment(id);
      if (known?.captured) throw alreadyPaid();
      if (known?.status === 'PROCESSING' || known?.status === 'CHALLENGED') {
        if (known.amount === registration.amount && known.currency === registration.currency) return;
        throw invalidRequest('결제가 진행되고 있습니다.');
      }
      if (!known && !store.makeRoom()) throw full();
      store.save({ ...(known ?? blank(id, clock.now())), ...registration });
    },

    cancel(id: string, request: CancelRequest): Cancellation {
      const payment = begun(id);
      if (payment.status === 'CANCELLED') throw alreadyCancelled();
      if (!payment.captured) throw notPaid();
      const left = cancellableOf(payment);
      const { currentCancellableAmount = left, amount = left, reason, skipWebhook = false } = request;
      if (currentCancellableAmount !== left) throw cancellableChanged();
      if (amount > left || left === 0) throw exceedsCancellable();
      return cancellations.begin(payment, { amount, reason, silent: skipWebhook });
    },
  };
}
export type Payments = ReturnType<typeof createPayments>;

const blank = (id: string, now: number) => ({
  id,
  transactionId: randomUUID(),
  status: 'REGISTERED' as const,
  registeredAt: now,
  requestedAt: null,
  changedAt: now,
  card: null,
  captured: null,
  failure: null,
  cancellations: [],
  silentUntil: null,
  faults: {},
});
