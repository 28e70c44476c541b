import type { QueueStats } from '@doa-market/common/contracts';
import type { OwnPicture } from './picture.ts';

/** What operators look at. */
export function toStats({ picture, positions, leader }: OwnPicture): QueueStats {
  const { eventId, room, waiting, remaining } = picture;
  const { state, opensAt, rate, capacity, grace, arrivals, draw, measured } = room;
  const { gone, missed, claimed } = positions.counts;
  return {
    eventId,
    state,
    settings: {
      opensAt: opensAt === null ? null : new Date(opensAt).toISOString(),
      rate,
      capacity,
      graceSeconds: grace,
    },
    entered: arrivals,
    waiting,
    present: Math.min(waiting, room.present ?? 0),
    called: calledOf(room.cursor, positions),
    admitted: claimed,
    missed,
    gone,
    measuredRate: measured,
    remaining,
    leader: leader() || null,
    draw,
    serverTime: new Date(picture.now()).toISOString(),
  };
}

/** Whose turn has come: up to the cursor, without those who left before it, and those who were not there. */
const calledOf = (cursor: number, positions: OwnPicture['positions']): number =>
  Math.max(0, positions.waitingBefore(cursor + 1, 0) - positions.missedBefore(cursor + 1));
