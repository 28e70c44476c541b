import { type ApiFault, type CancellationFault, type Faults, type WebhookFaults, worn } from './faults.ts';
import type { Store } from './store.ts';

/** The faults that were asked for: what is taken out has one use less. Those of a payment go before those of all. */
export function createFaultBox(store: Store) {
  function take<T extends { times?: number }>(
    paymentId: string,
    find: (faults: Faults) => T | undefined,
    replace: (faults: Faults, fault: T | undefined) => Faults,
  ): T | undefined {
    const payment = store.payment(paymentId);
    const own = payment && find(payment.faults);
    if (own) {
      store.save({ ...payment, faults: replace(payment.faults, worn(own)) });
      return own;
    }
    const { faults } = store.settings();
    const common = find(faults);
    if (common) store.change({ faults: replace(faults, worn(common)) });
    return common;
  }

  return {
    webhooks: (paymentId: string): WebhookFaults | undefined =>
      take(
        paymentId,
        (faults) => faults.webhooks,
        ({ webhooks: _, ...others }, webhooks) => (webhooks ? { ...others, webhooks } : others),
      ),
    api: (paymentId: string, concerns: (fault: ApiFault) => boolean): ApiFault | undefined =>
      take(
        paymentId,
        ({ api }) => (api && concerns(api) ? api : undefined),
        ({ api: _, ...others }, api) => (api ? { ...others, api } : others),
      ),
    cancellations: (paymentId: string): CancellationFault | undefined =>
      take(
        paymentId,
        (faults) => faults.cancellations,
        ({ cancellations: _, ...others }, cancellations) =>
          cancellations ? { ...others, cancellations } : others,
      ),
  };
}
export type FaultBox = ReturnType<typeof createFaultBox>;
