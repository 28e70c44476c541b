import { touchedByAll } from '@doa-market/common/cache-manifest';
import type { CatalogueEvent } from '@doa-market/common/contracts';
import type { Logger } from '@doa-market/common/logging';
import type { Redis } from '@doa-market/common/redis';
import type { Applied } from './applied.ts';
import type { Apply } from './apply.ts';
import type { FreshnessFigures } from './figures.ts';

/** What was put on the stream in a time, one page at a time. */
export type SentEvents = (query: {
  from: Date;
  until: Date;
  after: string | null;
}) => Promise<{ data: CatalogueEvent[]; next: string | null }>;

interface ReconciliationOptions {
  redis: Redis;
  sentEvents: SentEvents;
  apply: Apply;
  applied: Applied;
  logger: Logger;
  figures: FreshnessFigures;
}

/** Up to which moment everything is known to be done. */
const CURSOR = 'freshness:reconciled-until';
const LEASE = 'freshness:reconciling';
/** Milliseconds between two rounds, whichever process makes them. */
const EVERY = 60_000;
/** Milliseconds that an event has to be done in the usual way, and that clocks may differ. */
const SETTLED = 5_000;
const OVERLAP = 10_000;
/** Milliseconds that product-server remembers. */
const HORIZON = 15 * 60_000;

/** Finds what was sent and never done, however it was lost on the way, and does it. */
export function createReconciliation(options: ReconciliationOptions) {
  const { redis, sentEvents, apply, applied, logger, figures } = options;

  async function since(until: number): Promise<number> {
    const cursor = Number(await redis.get(CURSOR));
    // Without a cursor, Redis has lost what it knew.
    return Math.max(until - HORIZON, (Number.isFinite(cursor) ? cursor : 0) - OVERLAP);
  }

  async function reconcile(): Promise<number> {
    const until = Date.now() - SETTLED;
    const range = { from: new Date(await since(until)), until: new Date(until) };
    let missed = 0;
    let after: string | null = null;
    do {
      const { data, next }: Awaited<ReturnType<SentEvents>> = await sentEvents({ ...range, after });
      const events = await applied.missing(data);
      if (events.length > 0) {
        logger.warn({ events: events.map(({ eventId }) => eventId) }, 'changes that no cache was told of');
        await apply(touchedByAll(events));
        await applied.add(events);
        figures.events.inc({ outcome: 'missed' }, events.length);
      }
      missed += events.length;
      after = next;
    } while (after !== null);
    await redis.set(CURSOR, until, 'EX', 86_400);
    return missed;
  }

  return {
    /** A round now; two at once do no harm. @returns how many events had been missed; @throws where it cannot tell */
    reconcile,
    /** A round if none was made for a minute. */
    async reconcileInTurn(): Promise<number> {
      const mine = await redis.set(LEASE, 1, 'PX', EVERY, 'NX');
      return mine === 'OK' ? reconcile() : 0;
    },
  };
}
export type Reconciliation = ReturnType<typeof createReconciliation>;
