import type { Logger } from '@doa-market/common/logging';
import type { Clock } from '../clock.ts';
import type { WebhookFaults } from '../faults.ts';
import type { Store } from '../store.ts';
import type { Delivery } from './delivery.ts';
import type { Post } from './post.ts';

/** Minutes before another attempt, as PortOne has them; each may be a tenth longer or shorter. */
const RETRIES = [1, 4, 16, 64, 256];
const JITTER = 0.1;
const TIMEOUT = 30_000;

interface Parts {
  store: Store;
  clock: Clock;
  post: Post;
  logger: Logger;
}

/** Sends messages when they are due, and again until somebody takes them or it has been tried often enough. */
export function createSender({ store, clock, post, logger }: Parts) {
  const stopped = new AbortController();
  const underWay = new Set<Promise<void>>();

  function plan(delivery: Delivery, faults: WebhookFaults): void {
    if (delivery.dueAt <= clock.now()) void send(delivery, faults);
    else clock.at(delivery.dueAt, () => void send(delivery, faults));
  }

  async function attempt(delivery: Delivery, faults: WebhookFaults): Promise<void> {
    const outcome = await post(delivery, TIMEOUT, faults, stopped.signal).then(
      ({ status }) => `${status}`,
      (error: unknown) => (error instanceof Error ? error.name : 'error'),
    );
    if (stopped.signal.aborted) return;
    const attempts = [...delivery.attempts, outcome];
    const minutes = RETRIES[delivery.attempts.length];
    if (/^2\d\d$/.test(outcome)) store.saveDelivery({ ...delivery, attempts, state: 'DELIVERED' });
    else if (minutes === undefined) store.saveDelivery({ ...delivery, attempts, state: 'GIVEN_UP' });
    else {
      const wait = minutes * 60_000 * (1 + JITTER * (2 * Math.random() - 1));
      const again: Delivery = { ...delivery, attempts, dueAt: Math.round(clock.now() + wait) };
      store.saveDelivery(again);
      plan(again, {});
    }
    logger.debug({ webhookId: delivery.id, type: delivery.type, outcome }, 'webhook');
  }

  function send(delivery: Delivery, faults: WebhookFaults): Promise<void> {
    const work = attempt(delivery, faults).finally(() => underWay.delete(work));
    underWay.add(work);
    return work;
  }

  return {
    /** Sends it when it is due. */
    plan,
    /** Sends it now. */
    send,
    /** Takes up after a restart what had not been taken yet. */
    resume(): void {
      for (const delivery of store.deliveries()) if (delivery.state === 'PENDING') plan(delivery, {});
    },
    async close(): Promise<void> {
      stopped.abort();
      await Promise.all(underWay);
    },
  };
}
export type Sender = ReturnType<typeof createSender>;
