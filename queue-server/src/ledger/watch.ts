import type { Logger } from '@doa-market/common/logging';
import type { Metrics } from '@doa-market/common/metrics';
import { Gauge } from 'prom-client';
import type { Database } from '../database.ts';
import { check, holds } from './check.ts';

/** Milliseconds between two looks at the books. */
const EVERY = 60_000;

/** Seconds: what came to rest before was looked at then. */
const WITHIN = 86_400;

/** Looks at the books of a day every minute, shows them as metrics, and raises the alarm where they do not add up. */
export function createLedgerWatch(database: Database, { registry }: Metrics, logger: Logger) {
  const registers = [registry];
  const money = new Gauge({
    name: 'ledger_krw',
    help: 'Money captured in the last day, and where it is: confirmed, refunded or in flight',
    labelNames: ['part'],
    registers,
  });
  const broken = new Gauge({
    name: 'ledger_broken',
    help: 'Payments, orders and seats of which the books do not add up; anything but 0 wants a person',
    labelNames: ['what'],
    registers,
  });

  async function run(): Promise<number> {
    const ledger = await check(database, WITHIN);
    for (const part of ['captured', 'confirmed', 'refunded', 'inFlight'] as const)
      money.set({ part }, ledger[part]);
    broken.set({ what: 'payments' }, ledger.broken.length);
    broken.set({ what: 'orders' }, ledger.brokenOrders.length);
    broken.set({ what: 'seats' }, ledger.soldTwice.length);
    if (!holds(ledger)) logger.error({ alarm: 'LEDGER', ...ledger }, 'the books do not add up');
    return 0;
  }

  return { name: 'check the ledger', every: EVERY, run };
}
