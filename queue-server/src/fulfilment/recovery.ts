import type { Logger } from '@doa-market/common/logging';
import type { Metrics } from '@doa-market/common/metrics';
import { Counter, Gauge } from 'prom-client';
import type { Database } from '../database.ts';
import type { Fulfilment } from './fulfilment.ts';

/** Orders that one run takes, each by itself. */
const BATCH = 20;
/** Seconds until an order is looked at again that did not come to its end; twice as many after each time. */
const FIRST_PAUSE = 2;
const LONGEST_PAUSE = 300;
/** Tries after which somebody should have a look. */
const ALARM = 6;

interface RecoveryParts {
  database: Database;
  fulfilment: Fulfilment;
  logger: Logger;
  metrics: Metrics;
}

/**
 * Takes up orders that something is left to do of: because whoever did it was killed, its event was lost, or it could
 * not be done yet. For ever, with growing pauses, and not in silence. Processes share them.
 */
export function createRecovery({ database, fulfilment, logger, metrics: { registry } }: RecoveryParts) {
  const failures = new Counter({
    name: 'order_advance_failures_total',
    help: 'Times that what is left to do of an order could not be done',
    registers: [registry],
  });
  new Gauge({
    name: 'orders_stuck',
    help: `Orders that did not come to their end in ${ALARM} tries`,
    registers: [registry],
    async collect() {
      this.set(
        await database.order.count({ where: { advanceTries: { gte: ALARM }, advanceAt: { not: null } } }),
      );
    },
  });

  const claim = () => database.$queryRaw<{ id: string; tries: number }[]>`
    UPDATE orders SET advance_tries = least(advance_tries + 1, 30), advance_at =
      now() + make_interval(secs => least(${FIRST_PAUSE} * 2 ^ advance_tries, ${LONGEST_PAUSE}))
    WHERE id IN (
      SELECT id FROM orders WHERE advance_at <= now() ORDER BY advance_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED
    )
    RETURNING id, advance_tries AS tries`;

  async function advance({ id: orderId, tries }: { id: string; tries: number }): Promise<void> {
    try {
      await fulfilment.advance(orderId);
    } catch (error) {
      failures.inc();
      const level = tries >= ALARM ? 'error' : 'warn';
      logger[level]({ err: error, orderId, tries }, 'an order did not come to its end');
    }
  }

  /** @returns how many orders were taken up */
  return async function recover(): Promise<number> {
    const taken = await claim();
    await Promise.all(taken.map(advance));
    return taken.length;
  };
}
