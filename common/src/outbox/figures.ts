import { Counter, Gauge } from 'prom-client';
import type { Metrics } from '../metrics/index.ts';
import type { OutboxDatabase } from './database.ts';

interface Backlog {
  waiting: bigint;
  /** Seconds; null where nothing waits. */
  age: number | null;
}

const BACKLOG = `
  SELECT count(*) AS waiting, extract(epoch FROM now() - min(occurred_at))::float8 AS age FROM outbox_events`;

/** What an operator wants to know of the outbox; the database is asked when somebody reads it. */
export function createOutboxFigures({ registry }: Metrics, database: OutboxDatabase) {
  const registers = [registry];
  const age = new Gauge({
    name: 'outbox_oldest_event_age_seconds',
    help: 'How long the oldest event has waited for the stream',
    registers,
  });
  new Gauge({
    name: 'outbox_waiting_events',
    help: 'Events that are committed and not on the stream',
    registers,
    async collect() {
      // Without the database the last word stands, and grows no older: /ready says what is away.
      const [backlog] = await database.$queryRawUnsafe<Backlog[]>(BACKLOG).then(
        (rows) => rows,
        () => [],
      );
      if (!backlog) return;
      this.set(Number(backlog.waiting));
      age.set(backlog.age ?? 0);
    },
  });
  const sent = new Counter({ name: 'outbox_sent_events_total', help: 'Events put on the stream', registers });
  const refused = new Counter({
    name: 'outbox_refused_events_total',
    help: 'Rows that are no events by the contract',
    registers,
  });
  const failures = new Counter({
    name: 'outbox_failures_total',
    help: 'Batches that could not be sent and were put off',
    registers,
  });
  return { sent, refused, failures };
}
export type OutboxFigures = ReturnType<typeof createOutboxFigures>;
