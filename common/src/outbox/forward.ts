import type { Redis } from '../redis/index.ts';
import type { OutboxDatabase, OutboxTransaction } from './database.ts';

/** Events that the stream keeps, about: far more than a reader that is alive can be behind. */
const STREAM_LENGTH = 50_000;
const REFUSED_LENGTH = 1_000;
/** Milliseconds that a batch may hold its rows. */
const TIMEOUT = 3_000;

/** Where a row goes that is no event by the contract: it must not hold up the others. */
export const refusedStream = (stream: string): string => `${stream}:refused`;

export interface Destination {
  redis: Redis;
  stream: string;
  /** Whether it is an event by the contract. */
  isEvent: (value: unknown) => boolean;
  /** Runs the write on the stream, for who wants to know of it. */
  around?: ((write: () => Promise<void>) => Promise<void>) | undefined;
}

export interface Forwarded {
  sent: number;
  /** Of rows that are no events: a mistake of this program. */
  refused: string[];
}

interface Row {
  eventId: string;
  occurredAt: Date;
}

/** Rows that no other process is sending right now, the oldest first. */
const TAKE = `
  SELECT id AS "eventId", event_type AS "eventType", version, occurred_at AS "occurredAt",
         aggregate_type AS "aggregateType", aggregate_id AS "aggregateId", correlation_id AS "correlationId",
         causation_id AS "causationId", payload
  FROM outbox_events ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED`;

/** An event may be sent a second time on purpose. */
const REMEMBER = `
  INSERT INTO sent_events (id, event)
  SELECT (event ->> 'eventId')::uuid, event FROM jsonb_array_elements($1::jsonb) AS event
  ON CONFLICT (id) DO UPDATE SET sent_at = now()`;

const FORGET = `DELETE FROM outbox_events WHERE id = ANY ($1::uuid[])`;

async function append({ redis, stream }: Destination, events: unknown[], refused: unknown[]): Promise<void> {
  const pipeline = redis.pipeline();
  for (const event of events) {
    pipeline.xadd(stream, 'MAXLEN', '~', STREAM_LENGTH, '*', 'event', JSON.stringify(event));
  }
  for (const row of refused) {
    pipeline.xadd(refusedStream(stream), 'MAXLEN', '~', REFUSED_LENGTH, '*', 'event', JSON.stringify(row));
  }
  const replies = await pipeline.exec();
  const failure = replies ? replies.find(([error]) => error)?.[0] : new Error('the pipeline was discarded');
  if (failure) throw failure;
}

async function forward(tx: OutboxTransaction, destination: Destination, limit: number): Promise<Forwarded> {
  const { isEvent, around = (write) => write() } = destination;
  const rows = await tx.$queryRawUnsafe<Row[]>(TAKE, limit);
  if (rows.length === 0) return { sent: 0, refused: [] };
  const all = rows.map((row) => ({ ...row, occurredAt: row.occurredAt.toISOString() }));
  const events = all.filter(isEvent);
  const refused = all.filter((event) => !isEvent(event));
  await around(() => append(destination, events, refused));
  await tx.$executeRawUnsafe(REMEMBER, JSON.stringify(events));
  await tx.$executeRawUnsafe(
    FORGET,
    rows.map(({ eventId }) => eventId),
  );
  return { sent: events.length, refused: refused.map(({ eventId }) => eventId) };
}

/**
 * Puts up to `limit` events on the stream and forgets them, in one transaction: whatever fails, they are sent again.
 * @throws what PostgreSQL or Redis say; nothing is lost then
 */
export const forwardBatch = (
  database: OutboxDatabase,
  destination: Destination,
  limit: number,
): Promise<Forwarded> =>
  database.$transaction((tx) => forward(tx, destination, limit), { timeout: TIMEOUT, maxWait: TIMEOUT });
