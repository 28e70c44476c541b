import { createGroupFigures, type groupState } from '@doa-market/common/events';
import type { Metrics } from '@doa-market/common/metrics';
import { Counter, Histogram } from 'prom-client';

export function createConsumerFigures(metrics: Metrics, readGroup: () => ReturnType<typeof groupState>) {
  const registers = [metrics.registry];
  createGroupFigures(metrics, readGroup, {
    unread: { name: 'order_events_unread', help: 'Order events on the stream that no queue-server has read' },
    unfinished: {
      name: 'order_events_unfinished',
      help: 'Order events that were read and have not had their effect',
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
