import type { QueuePlace, QueueRoom } from '@doa-market/common/contracts';
import type { StoredGrant } from './store.ts';
import type { Picture } from './types.ts';

const isoOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** Many of those who come at once are told the same millisecond. */
let lastTime = { at: 0, text: isoOf(0) };
function isoOfNow(picture: Picture): string {
  const at = Math.floor(picture.now());
  if (lastTime.at !== at) lastTime = { at, text: isoOf(at) };
  return lastTime.text;
}

const isoOrNull = (milliseconds: number | null): string | null =>
  milliseconds === null ? null : isoOf(milliseconds);

/** What everybody may know. */
export function toRoom(picture: Picture): QueueRoom {
  const { eventId, waiting, room } = picture;
  const { state, opensAt, rate, draw } = room;
  return {
    eventId,
    state,
    opensAt: isoOrNull(opensAt),
    rate,
    waiting,
    draw,
    serverTime: isoOfNow(picture),
  };
}

/** The place of somebody who waits, and has been seen with that. */
export function toWaiting(picture: Picture, receipt: number): QueuePlace {
  const { eventId, remaining, room } = picture;
  const { position, wait, nextPollIn } = picture.see(receipt);
  return {
    eventId,
    state: room.state,
    place: 'WAITING',
    receipt,
    number: picture.numberOf(receipt),
    position,
    ahead: position === null ? null : Math.max(0, position - 1),
    wait,
    remaining,
    opensAt: isoOrNull(room.opensAt),
    serverTime: isoOfNow(picture),
    nextPollIn,
    admission: null,
  };
}

/** The place of somebody who was let in, and has been seen with that. */
export function toAdmitted(picture: Picture, receipt: number, { token, expiresAt }: StoredGrant): QueuePlace {
  return {
    ...toWaiting(picture, receipt),
    place: 'ADMITTED',
    position: 0,
    ahead: 0,
    wait: { min: 0, max: 0 },
    admission: { token, expiresAt: isoOf(expiresAt) },
  };
}
