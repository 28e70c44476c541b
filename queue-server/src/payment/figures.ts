import type { Metrics } from '@doa-market/common/metrics';
import { Gauge } from 'prom-client';
import type { Database } from '../database.ts';
import { LIMITS } from './limits.ts';

interface Backlog {
  unknown: number;
  refunds: number;
  /** Seconds; null where none waits. */
  age: number | null;
}

/** What an operator wants to know of payments; the database is asked when somebody reads it. */
export function createPaymentFigures({ registry }: Metrics, database: Database): void {
  const registers = [registry];
  const refunds = new Gauge({ name: 'refunds_waiting', help: 'Refunds that are not back yet', registers });
  const age = new Gauge({
    name: 'refund_oldest_age_seconds',
    help: 'How long the oldest refund has waited',
    registers,
  });
  new Gauge({
    name: 'payments_unknown',
    help: 'Payments whose time is over, and of which the gateway has not said what became of them',
    registers,
    async collect() {
      const [backlog] = await database.$queryRaw<Backlog[]>`
        SELECT
          (SELECT count(*)::int FROM payments WHERE status IN ('REQUESTED', 'READY')
            AND expires_at < now() - ${LIMITS.giveUp} * interval '1 ms') AS unknown,
          (SELECT count(*)::int FROM refunds WHERE done_at IS NULL) AS refunds,
          (SELECT extract(epoch FROM now() - min(requested_at))::float8 FROM refunds WHERE done_at IS NULL) AS age
      `.catch(() => []);
      // Without the database the last word stands: /ready says what is away.
      if (!backlog) return;
      this.set(backlog.unknown);
      refunds.set(backlog.refunds);
      age.set(backlog.age ?? 0);
    },
  });
}
