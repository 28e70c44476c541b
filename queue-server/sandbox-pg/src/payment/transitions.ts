import { randomUUID } from 'node:crypto';
import type { Store } from '../store.ts';
import { type Cancellation, cancelledOf, type Failure, mayBecome, type Payment } from './payment.ts';

/** The only ways in which a payment changes its status: each is in the journal, with its money, when it returns. */
export function createTransitions({ store, now }: { store: Store; now: () => number }) {
  function become({ id }: Payment, status: Payment['status'], changes: Partial<Payment> = {}): Payment {
    // As it is by now: its faults may have changed while its caller waited.
    const payment = store.payment(id);
    if (!payment || !mayBecome(payment.status, status)) {
      throw new Error(`payment ${id} is ${payment?.status} and cannot become ${status}`);
    }
    const changed = { ...payment, ...changes, status, changedAt: now() };
    store.save(changed);
    return changed;
  }

  return {
    become,

    /** Another transaction of the same payment begins, as when the buyer opens the page. */
    begin: (payment: Payment): Payment =>
      become(payment, 'READY', {
        transactionId: payment.status === 'REGISTERED' ? payment.transactionId : randomUUID(),
        requestedAt: payment.requestedAt ?? now(),
        failure: null,
        card: null,
      }),

    fail: (payment: Payment, failure: Failure): Payment => become(payment, 'FAILED', { failure }),

    /** The money is taken: how much of it and which is the card's affair. */
    capture: (payment: Payment, amount: number, currency: string, silentUntil: number | null): Payment =>
      store.together(() => {
        const at = now();
        const paid = become(payment, 'PAID', {
          captured: { amount, currency, pgTxId: `sandbox-${randomUUID()}`, at },
          silentUntil,
        });
        const { id: paymentId, transactionId } = payment;
        store.enter({
          at,
          kind: 'CAPTURE',
          paymentId,
          transactionId,
          cancellationId: null,
          amount,
          currency,
        });
        return paid;
      }),

    /** Money is to go back: it has not yet. */
    requestCancellation(payment: Payment, cancellation: Cancellation): Payment {
      const changed = { ...payment, cancellations: [...payment.cancellations, cancellation] };
      store.save(changed);
      return changed;
    },

    /** It has gone, or the bank has said no. */
    endCancellation(payment: Payment, id: string, status: 'SUCCEEDED' | 'FAILED'): Payment {
      return store.together(() => {
        const cancellations = payment.cancellations.map((it) => (it.id === id ? { ...it, status } : it));
        const ended = cancellations.find((it) => it.id === id);
        if (!ended || !payment.captured) throw new Error(`payment ${payment.id} has no cancellation ${id}`);
        if (status === 'FAILED') {
          store.save({ ...payment, cancellations });
          return { ...payment, cancellations };
        }
        const { amount: captured, currency } = payment.captured;
        const { id: paymentId, transactionId } = payment;
        const { amount } = ended;
        const at = now();
        store.enter({
          at,
          kind: 'CANCELLATION',
          paymentId,
          transactionId,
          cancellationId: id,
          amount,
          currency,
        });
        const all = cancelledOf({ cancellations }) === captured;
        return become(payment, all ? 'CANCELLED' : 'PARTIAL_CANCELLED', { cancellations });
      });
    },
  };
}
export type Transitions = ReturnType<typeof createTransitions>;
