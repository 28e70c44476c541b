import type { Metrics } from '@doa-market/common/metrics';
import { Gauge } from 'prom-client';
import type { DeadLetterRepository } from './repository.ts';

/** Shows what waits for an operator; any is one too many. The database is asked when somebody reads it. */
export function watchDeadLetters({ registry }: Metrics, deadLetters: DeadLetterRepository): void {
  const registers = [registry];
  const age = new Gauge({
    name: 'dead_letters_oldest_age_seconds',
    help: 'How long the oldest event has been put aside that nobody has replayed',
    registers,
  });
  new Gauge({
    name: 'dead_letters_waiting',
    help: 'Events that nobody could handle, and nobody has replayed',
    registers,
    async collect() {
      const backlog = await deadLetters.backlog().catch(() => undefined);
      if (!backlog) return;
      this.set(backlog.waiting);
      age.set(backlog.age);
    },
  });
}
