import { randomUUID } from 'node:crypto';
import { alreadyCancelled, notPaid } from '../errors.ts';
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

    /** @throws {PortOneError} 409 where there is nothing to give back */
    cancel(
      payment: Payment,
      amount: number,
      reason: string,
    ): { payment: Payment; cancellation: Cancellation } {
      if (payment.status === 'CANCELLED') throw alreadyCancelled();
      const { captured, id: paymentId, transactionId } = payment;
      if (!captured) throw notPaid();
      return store.together(() => {
        const cancellation = { id: randomUUID(), amount, reason, at: now() };
        const cancellations = [...payment.cancellations, cancellation];
        const all = cancelledOf({ cancellations }) === captured.amount;
        const changed = become(payment, all ? 'CANCELLED' : 'PARTIAL_CANCELLED', { cancellations });
        const { at, id: cancellationId } = cancellation;
        const { currency } = captured;
        store.enter({ at, kind: 'CANCELLATION', paymentId, transactionId, cancellationId, amount, currency });
        return { payment: changed, cancellation };
      });
    },
  };
}
export type Transitions = ReturnType<typeof createTransitions>;
