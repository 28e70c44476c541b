import { CATALOGUE_STREAM, type CatalogueEvent } from '@doa-market/common/contracts';
import { isCatalogueEvent } from '@doa-market/common/events';
import type { Redis } from '@doa-market/common/redis';
import type { Database, Transaction } from '../database.ts';
import type { OutboxEvent } from '../generated/prisma/client.ts';

/** Events that the stream keeps, about: far more than a reader that is alive can be behind. */
const STREAM_LENGTH = 50_000;
/** Where a row goes that is no event by the contract: it must not hold up the others. */
export const REFUSED_STREAM = `${CATALOGUE_STREAM}:refused`;
const REFUSED_LENGTH = 1_000;
/** Milliseconds that a batch may hold its rows. */
const TIMEOUT = 3_000;

export interface Forwarded {
  sent: number;
  /** Of rows that are no events: a mistake of this program. */
  refused: string[];
}

type Row = Pick<OutboxEvent, keyof OutboxEvent>;

const toEvent = ({ id, occurredAt, ...row }: Row) => ({
  eventId: id,
  ...row,
  occurredAt: occurredAt.toISOString(),
});

/** Rows that no other process is sending right now, the oldest first. */
const take = (tx: Transaction, limit: number): Promise<Row[]> => tx.$queryRaw`
  SELECT id, event_type AS "eventType", version, occurred_at AS "occurredAt", aggregate_type AS "aggregateType",
         aggregate_id AS "aggregateId", correlation_id AS "correlationId", causation_id AS "causationId", payload
  FROM outbox_events ORDER BY id LIMIT ${limit} FOR UPDATE SKIP LOCKED`;

async function append(redis: Redis, events: CatalogueEvent[], refused: unknown[]): Promise<void> {
  const pipeline = redis.pipeline();
  for (const event of events) {
    pipeline.xadd(CATALOGUE_STREAM, 'MAXLEN', '~', STREAM_LENGTH, '*', 'event', JSON.stringify(event));
  }
  for (const row of refused) {
    pipeline.xadd(REFUSED_STREAM, 'MAXLEN', '~', REFUSED_LENGTH, '*', 'event', JSON.stringify(row));
  }
  const replies = await pipeline.exec();
  const failure = replies ? replies.find(([error]) => error)?.[0] : new Error('the pipeline was discarded');
  if (failure) throw failure;
}

/**
 * Puts up to `limit` events on the stream and forgets them, in one transaction: whatever fails, they are sent again.
 * @throws what PostgreSQL or Redis say; nothing is lost then
 */
export function forwardBatch(database: Database, redis: Redis, limit: number): Promise<Forwarded> {
  return database.$transaction(
    async (tx) => {
      const rows = await take(tx, limit);
      if (rows.length === 0) return { sent: 0, refused: [] };
      const all = rows.map(toEvent);
      const events = all.filter(isCatalogueEvent);
      const refused = all.filter((event) => !isCatalogueEvent(event));
      await append(redis, events, refused);
      await tx.sentEvent.createMany({ data: events.map((event) => ({ id: event.eventId, event })) });
      await tx.outboxEvent.deleteMany({ where: { id: { in: rows.map(({ id }) => id) } } });
      return { sent: events.length, refused: refused.map(({ eventId }) => eventId) };
    },
    { timeout: TIMEOUT, maxWait: TIMEOUT },
  );
}
