import type { OrderEvent } from '@doa-market/common/contracts';
import { isOrderEvent } from '@doa-market/common/events';
import type { Database, Transaction } from '../database.ts';
import type { DeadLetter } from '../generated/prisma/client.ts';

export interface Burial {
  consumer: string;
  event: OrderEvent;
  reason: string;
  attempts: number;
}

/** What the column of the reason holds. */
const REASON_LENGTH = 1_000;

/** Events that nobody could handle: kept until an operator has them sent again, and after that. */
export function createDeadLetterRepository(database: Database) {
  /** Through the outbox: it is sent, and known to be, in one transaction. */
  async function send(tx: Transaction, { consumer, event }: DeadLetter): Promise<void> {
    if (!isOrderEvent(event)) throw new Error('not an event by the contract any more');
    const { eventId, ...rest } = event;
    await tx.handledEvent.deleteMany({ where: { consumer, eventId } });
    await tx.outboxEvent.createMany({ data: [{ id: eventId, ...rest }], skipDuplicates: true });
  }

  return {
    /** One that is put aside again waits again. */
    async bury({ consumer, event, reason, attempts }: Burial): Promise<void> {
      const { eventId } = event;
      const told = reason.slice(0, REASON_LENGTH);
      await database.deadLetter.upsert({
        where: { consumer_eventId: { consumer, eventId } },
        create: { consumer, eventId, event, reason: told, attempts },
        update: { reason: told, attempts: { increment: attempts }, replayedAt: null },
      });
    },

    /** The oldest first. @param all whether with those that were replayed */
    list: ({ all }: { all: boolean }): Promise<DeadLetter[]> =>
      database.deadLetter.findMany({
        where: all ? {} : { replayedAt: null },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      }),

    /** @param id its own, or its event's */
    find: (id: string): Promise<DeadLetter | null> =>
      database.deadLetter.findFirst({ where: { OR: [{ id }, { eventId: id }] } }),

    /** Has the event sent again as it was, to be handled as if for the first time. */
    replay: (letter: DeadLetter): Promise<void> =>
      database.$transaction(async (tx) => {
        await tx.deadLetter.update({ where: { id: letter.id }, data: { replayedAt: new Date() } });
        await send(tx, letter);
      }),

    /** `age` in seconds, of the oldest one */
    async backlog(): Promise<{ waiting: number; age: number }> {
      const [row] = await database.$queryRaw<[{ waiting: number; age: number }]>`
        SELECT count(*)::int AS waiting, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS age
        FROM dead_letters WHERE replayed_at IS NULL`;
      return row;
    },
  };
}
export type DeadLetterRepository = ReturnType<typeof createDeadLetterRepository>;
