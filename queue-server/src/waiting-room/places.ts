import { durably } from '../steps.ts';
import { createBatch } from './batch.ts';
import type { Entry, Holder, Store } from './store.ts';
import type { Picture, Pictures } from './types.ts';

/** Members in one command: less than a millisecond of Redis' time. */
const BATCH = 200;

/** What this process knows of one event's places. Forgotten with the room. */
interface Known {
  incarnation: string;
  receipts: Map<string, number>;
}

/** Which room it is in: a place of another one than before says nothing of numbers. NONE where there is no room any more. */
export type Entrance = (Entry & { incarnation: string }) | { refused: 'NONE' };

/**
 * Whose place is which. This process remembers every one that it gave or was asked for, so that a poll asks nobody; what
 * has become of a place, the picture says.
 */
export function createPlaces({ store, pictures }: { store: Store; pictures: Pick<Pictures, 'find'> }) {
  const known = new Map<string, Known>();

  function receiptsOf(eventId: string, incarnation: string): Map<string, number> {
    const there = known.get(eventId);
    if (there?.incarnation === incarnation) return there.receipts;
    const receipts = new Map<string, number>();
    known.set(eventId, { incarnation, receipts });
    return receipts;
  }

  const lookup = createBatch<number | null>(BATCH, store.receiptsOf);

  const entrance = createBatch<Entrance>(BATCH, async (eventId, memberIds) => {
    const seen = pictures.find(eventId)?.room ?? { incarnation: '', arrivals: 0 };
    const answer = await durably('enter', () => store.enter(eventId, memberIds, seen));
    if (!answer) return memberIds.map(() => ({ refused: 'NONE' }));
    const receipts = receiptsOf(eventId, answer.incarnation);
    for (const [at, entry] of answer.entries.entries()) {
      const memberId = memberIds[at];
      if (memberId !== undefined && 'receipt' in entry) receipts.set(memberId, entry.receipt);
    }
    return answer.entries.map((entry) => ({ ...entry, incarnation: answer.incarnation }));
  });

  return {
    /** The receipt of a place that may still be one, as far as this process knows. */
    find(picture: Picture, memberId: string): number | undefined {
      const there = known.get(picture.eventId);
      if (there?.incarnation !== picture.room.incarnation) return undefined;
      const receipt = there.receipts.get(memberId);
      return receipt === undefined || picture.isGone(receipt) ? undefined : receipt;
    },

    /** The same from Redis. @throws {ProblemError} 503 */
    async ask(picture: Picture, memberId: string): Promise<number | undefined> {
      const { eventId, room } = picture;
      const receipt = await lookup(eventId, memberId);
      if (receipt === null || picture.isGone(receipt)) return undefined;
      receiptsOf(eventId, room.incarnation).set(memberId, receipt);
      return receipt;
    },

    /** The place of a member, the one that it has or a new one. @throws {ProblemError} 503 */
    enter: entrance,

    forget: (eventId: string, memberId: string) => known.get(eventId)?.receipts.delete(memberId),

    /** What can be put back where Redis has lost its last moments. */
    holdersOf(eventId: string, incarnation: string): Holder[] {
      const there = known.get(eventId);
      if (there?.incarnation !== incarnation) return [];
      return [...there.receipts].map(([memberId, receipt]) => ({ memberId, receipt }));
    },

    /** Of a room that is no more. */
    drop: (eventId: string) => known.delete(eventId),
  };
}
export type Places = ReturnType<typeof createPlaces>;
