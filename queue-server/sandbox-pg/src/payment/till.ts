import type { Clock } from '../clock.ts';
import type { Store } from '../store.ts';
import type { Confirm } from '../webhook/confirm.ts';
import type { Notices } from '../webhook/notices.ts';
import { type Card, masked, SHORT, SILENCE, SLOW } from './cards.ts';
import {
  closedByBuyer,
  declined,
  expired,
  insufficientFunds,
  notAuthenticated,
  notConfirmed,
  timedOut,
} from './failures.ts';
import type { Failure, Payment } from './payment.ts';
import type { Transitions } from './transitions.ts';

/** What became of an attempt to pay: SILENT is when nobody will know for a while. */
export interface Outcome {
  result: 'PAID' | 'FAILED' | 'CHALLENGED' | 'SILENT' | 'BUSY';
  payment: Payment;
}

interface Parts {
  store: Store;
  clock: Clock;
  transitions: Transitions;
  notices: Notices;
  confirm: Confirm;
}

/** Where the buyer pays. Every method takes the payment as it is now; one that is not waiting for it is BUSY. */
export function createTill({ store, clock, transitions, notices, confirm }: Parts) {
  const isOver = ({ expiresAt }: Payment) => expiresAt !== null && expiresAt <= clock.now();

  function fail(payment: Payment, failure: Failure): Outcome {
    const failed = transitions.fail(payment, failure);
    notices.announce(failed, 'Failed');
    return { result: 'FAILED', payment: failed };
  }

  /** The page is before the buyer: a payment that had failed begins anew. */
  function open(payment: Payment): Payment {
    if (payment.status !== 'REGISTERED' && payment.status !== 'FAILED') return payment;
    if (isOver(payment) && payment.status === 'FAILED') return payment;
    const ready = transitions.begin(payment);
    notices.announce(ready, 'Ready');
    watch(ready);
    return isOver(ready) ? fail(ready, expired).payment : ready;
  }

  /** Fails what nobody has paid by the time it expires. */
  function watch({ id, expiresAt, transactionId }: Payment): void {
    if (expiresAt === null) return;
    clock.at(expiresAt, () => {
      const payment = store.payment(id);
      if (payment?.transactionId !== transactionId || !isOver(payment)) return;
      if (payment.status === 'READY' || payment.status === 'CHALLENGED') fail(payment, expired);
    });
  }

  /** Nobody hears of it for a while; then everybody does. */
  function silence(payment: Payment): Outcome {
    const { id, silentUntil } = payment;
    if (silentUntil !== null) clock.at(silentUntil, () => breakSilence(id));
    return { result: 'SILENT', payment };
  }

  function breakSilence(id: string): void {
    const payment = store.payment(id);
    if (payment?.silentUntil == null) return;
    const heard = { ...payment, silentUntil: null };
    store.save(heard);
    if (heard.status === 'PROCESSING') fail(heard, timedOut);
    else if (heard.captured) notices.announce(heard, 'Paid');
  }

  /** Asks the shop, and takes the money if it says yes. */
  async function settle(payment: Payment, card: Card): Promise<Outcome> {
    const answer = await confirm(payment);
    if (!answer.confirmed) return fail(payment, notConfirmed(answer.message));
    const amount = card.name === 'wrong-amount' ? Math.max(payment.amount - SHORT, 1) : payment.amount;
    const currency = card.name === 'wrong-currency' ? 'USD' : payment.currency;
    if (card.name === 'timeout-after-capture') {
      return silence(transitions.capture(payment, amount, currency, clock.now() + SILENCE));
    }
    const paid = transitions.capture(payment, amount, currency, null);
    notices.announce(paid, 'Paid');
    return { result: 'PAID', payment: paid };
  }

  return {
    open,

    async pay(payment: Payment, card: Card): Promise<Outcome> {
      if (payment.status !== 'READY') return { result: 'BUSY', payment };
      if (isOver(payment)) return fail(payment, expired);
      const processing = transitions.become(payment, 'PROCESSING', { card: masked(card) });
      switch (card.name) {
        case 'decline':
          return fail(processing, declined);
        case 'insufficient-funds':
          return fail(processing, insufficientFunds);
        case 'three-d-secure':
          return { result: 'CHALLENGED', payment: transitions.become(processing, 'CHALLENGED') };
        case 'timeout-before-capture': {
          const silent = { ...processing, silentUntil: clock.now() + SILENCE };
          store.save(silent);
          return silence(silent);
        }
        case 'slow':
          await clock.sleepUntil(clock.now() + SLOW);
      }
      return settle(processing, card);
    },

    /** The second page of 3-D Secure was answered. */
    async authenticate(payment: Payment, card: Card, passed: boolean): Promise<Outcome> {
      if (payment.status !== 'CHALLENGED') return { result: 'BUSY', payment };
      if (!passed) return fail(payment, notAuthenticated);
      if (isOver(payment)) return fail(payment, expired);
      return settle(transitions.become(payment, 'PROCESSING'), card);
    },

    /** The buyer leaves without having paid. */
    close(payment: Payment): Outcome {
      if (payment.status !== 'READY' && payment.status !== 'CHALLENGED') return { result: 'BUSY', payment };
      return fail(payment, closedByBuyer);
    },

    /** Takes up after a restart what time would have done; what was with the card company then has failed. */
    resume(): void {
      for (const payment of [...store.payments()]) {
        if (payment.silentUntil !== null) silence(payment);
        else if (payment.status === 'PROCESSING') fail(payment, timedOut);
        else if (payment.status === 'READY' || payment.status === 'CHALLENGED') watch(payment);
      }
    },
  };
}
export type Till = ReturnType<typeof createTill>;
