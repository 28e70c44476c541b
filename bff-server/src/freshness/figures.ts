import { createGroupFigures, type groupState } from '@doa-market/common/events';
import type { Metrics } from '@doa-market/common/metrics';
import { Counter, Gauge, Histogram } from 'prom-client';

/** How fresh the caches are, in figures. */
export function createFreshnessFigures(metrics: Metrics, readGroup: () => ReturnType<typeof groupState>) {
  const registers = [metrics.registry];
  createGroupFigures(metrics, readGroup, {
    unread: { name: 'freshness_unread_events', help: 'Events on the stream that no bff-server has read' },
    unfinished: {
      name: 'freshness_unfinished_events',
      help: 'Events that were read and whose caches have not all been told',
    },
  });
  return {
    delay: new Histogram({
      name: 'freshness_delay_seconds',
      help: 'From a change to the moment when every cache has it',
      buckets: [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 15, 60, 900],
      registers,
    }),
    newest: new Gauge({
      name: 'freshness_newest_applied_event_timestamp_seconds',
      help: 'When the newest change happened that every cache has',
      registers,
    }),
    events: new Counter({
      name: 'freshness_events_total',
      help: 'Events by what became of them; `missed` are those that the stream had lost',
      labelNames: ['outcome'] as const,
      registers,
    }),
    failures: new Counter({
      name: 'freshness_failures_total',
      help: 'Attempts to tell a cache that failed',
      labelNames: ['step'] as const,
      registers,
    }),
  };
}
export type FreshnessFigures = ReturnType<typeof createFreshnessFigures>;
