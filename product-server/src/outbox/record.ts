import { currentContext } from '@doa-market/common/context';
import type { CatalogueEvent } from '@doa-market/common/contracts';
import type { Transaction } from '../database.ts';

/** What a change has to say for itself; the rest of the event follows from when and where it happens. */
export type NewEvent = CatalogueEvent extends infer Event
  ? Event extends CatalogueEvent
    ? Pick<Event, 'eventType' | 'aggregateType' | 'aggregateId' | 'version' | 'payload'>
    : never
  : never;

/** Writes events in the transaction of their change: both are there, or neither. */
export async function recordEvents(tx: Transaction, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  const correlationId = currentContext()?.requestId ?? 'background';
  await tx.outboxEvent.createMany({ data: events.map((event) => ({ ...event, correlationId })) });
}
