import type { Metrics } from '@doa-market/common/metrics';
import { Counter, Gauge, Histogram } from 'prom-client';

interface GroupState {
  /** Events that nobody has read, and those that somebody has read and not done. */
  unread: number;
  unfinished: number;
}

export function createConsumerFigures({ registry }: Metrics, readGroup: () => Promise<GroupState>) {
  const registers = [registry];
  const unfinished = new Gauge({
    name: 'order_events_unfinished',
    help: 'Order events that were read and have not had their effect',
    registers,
  });
  new Gauge({
    name: 'order_events_unread',
    help: 'Order events on the stream that no queue-server has read',
    registers,
    async collect() {
      const group = await readGroup().catch(() => undefined);
      if (!group) return;
      this.set(group.unread);
      unfinished.set(group.unfinished);
    },
  });
  return {
    events: new Counter({
      name: 'order_events_total',
      help: 'Order events by what became of them; `repeated` had had their effect before, `dead` were put aside',
      labelNames: ['outcome'] as const,
      registers,
    }),
    failures: new Counter({
      name: 'order_event_failures_total',
      help: 'Attempts to handle an order event that failed',
      registers,
    }),
    delay: new Histogram({
      name: 'order_event_delay_seconds',
      help: 'From the change of an order to the moment when its event has had its effect',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300],
      registers,
    }),
  };
}
export type ConsumerFigures = ReturnType<typeof createConsumerFigures>;
