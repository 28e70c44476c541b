import type { Database, Transaction } from '../database.ts';

/** The readers of the order events that bring orders to their end. */
export const CONSUMER = 'fulfilment';
const SWEEP_SIZE = 1_000;

/** Says in the transaction of an event's effect that it has had it. @throws {AlreadyHandled} */
export type Mark = (tx: Transaction) => Promise<void>;

/** An event was delivered again after it had had its effect: the transaction of a second one has to be taken back. */
export class AlreadyHandled extends Error {
  override readonly name = 'AlreadyHandled';
}

export const markOf =
  (eventId: string): Mark =>
  async (tx) => {
    // Two at once wait for each other here, until the first has committed or given up.
    const { count } = await tx.handledEvent.createMany({
      data: [{ consumer: CONSUMER, eventId }],
      skipDuplicates: true,
    });
    if (count === 0) throw new AlreadyHandled();
  };

/** Whether an event has had its effect, as far as that is committed. */
export const wasHandledIn =
  (database: Database) =>
  async (eventId: string): Promise<boolean> => {
    const where = { consumer_eventId: { consumer: CONSUMER, eventId } };
    return (await database.handledEvent.findUnique({ where })) !== null;
  };

/** Forgets events that were handled a week ago: none is delivered again so late. @returns how many */
export const sweepHandled = (database: Database): Promise<number> =>
  database.$executeRaw`
    DELETE FROM handled_events WHERE (consumer, event_id) IN (
      SELECT consumer, event_id FROM handled_events WHERE handled_at < now() - interval '7 days'
      ORDER BY handled_at LIMIT ${SWEEP_SIZE} FOR UPDATE SKIP LOCKED)`;
