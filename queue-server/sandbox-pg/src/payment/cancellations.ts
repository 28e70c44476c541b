import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { FaultBox } from '../fault-box.ts';
import type { Store } from '../store.ts';
import type { Notices } from '../webhook/notices.ts';
import type { Cancellation, Payment } from './payment.ts';
import type { Transitions } from './transitions.ts';

/** Seconds that a cancellation is pending unless somebody says otherwise. */
const PENDING = 60;

interface Parts {
  store: Store;
  clock: Clock;
  transitions: Transitions;
  notices: Notices;
  faults: FaultBox;
}

/** Money on its way back: at once, unless the bank was asked to take its time or to refuse. */
export function createCancellations({ store, clock, transitions, notices, faults }: Parts) {
  function end(payment: Payment, id: string, status: 'SUCCEEDED' | 'FAILED'): Cancellation {
    const ended = transitions.endCancellation(payment, id, status);
    const cancellation = ended.cancellations.find((it) => it.id === id);
    if (!cancellation) throw new Error(`payment ${payment.id} has no cancellation ${id}`);
    if (status === 'SUCCEEDED' && !cancellation.silent) {
      const type = ended.status === 'CANCELLED' ? 'Cancelled' : 'PartialCancelled';
      notices.announce(ended, type, { cancellationId: id });
    }
    return cancellation;
  }

  /** Ends it when its time has come. */
  function watch(paymentId: string, { id, doneAt }: Cancellation): void {
    clock.at(doneAt, () => {
      const payment = store.payment(paymentId);
      const pending = payment?.cancellations.find((it) => it.id === id && it.status === 'REQUESTED');
      if (payment && pending) end(payment, id, 'SUCCEEDED');
    });
  }

  return {
    begin(payment: Payment, wish: Pick<Cancellation, 'amount' | 'reason' | 'silent'>): Cancellation {
      const fault = faults.cancellations(payment.id);
      const requestedAt = clock.now();
      const seconds = fault?.mode === 'pending' ? (fault.seconds ?? PENDING) : 0;
      const doneAt = requestedAt + seconds * 1_000;
      const request: Cancellation = { id: randomUUID(), status: 'REQUESTED', ...wish, requestedAt, doneAt };
      const requested = transitions.requestCancellation(store.payment(payment.id) ?? payment, request);
      if (fault?.mode !== 'pending') {
        return end(requested, request.id, fault?.mode === 'refused' ? 'FAILED' : 'SUCCEEDED');
      }
      if (!wish.silent) notices.announce(requested, 'CancelPending');
      watch(payment.id, request);
      return request;
    },

    /** Takes up after a restart what was pending. */
    resume(): void {
      for (const { id, cancellations } of [...store.payments()]) {
        for (const it of cancellations) if (it.status === 'REQUESTED') watch(id, it);
      }
    },
  };
}
export type Cancellations = ReturnType<typeof createCancellations>;
