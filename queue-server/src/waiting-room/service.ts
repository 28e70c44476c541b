import type { QueuePlace, QueueRoom } from '@doa-market/common/contracts';
import { ProblemError, unavailable } from '@doa-market/common/errors';
import type { Active } from './active.ts';
import type { Places } from './places.ts';
import { toAdmitted, toRoom, toWaiting } from './presentation.ts';
import { elsewhere, full, noPlace, noRoom, soldOut, tooEarly } from './refusals.ts';
import { type Claim, SETTLING, type Store } from './store.ts';
import type { Picture, Pictures } from './types.ts';

interface Parts {
  store: Store;
  active: Active;
  places: Places;
  pictures: Pictures;
}

/** What members do in a waiting room. */
export function createQueueService({ store, active, places, pictures }: Parts) {
  async function pictureOf(eventId: string): Promise<Picture> {
    const picture = pictures.find(eventId) ?? (await pictures.load(eventId));
    if (!picture) throw noRoom();
    return picture;
  }

  /** Takes the turn of somebody who was called. Undefined where there is none to take, or Redis cannot say now. */
  async function takeTurn(picture: Picture, memberId: string, receipt: number): Promise<Claim | undefined> {
    const { eventId, room } = picture;
    const number = picture.numberOf(receipt);
    if (number === null) return undefined;
    try {
      const other = await active.claim(memberId, eventId);
      if (other !== undefined) throw elsewhere(other);
      return await store.claim(eventId, { memberId, receipt }, { incarnation: room.incarnation, number });
    } catch (error) {
      // Who still waits goes on waiting while Redis is away; who has a token must not be told that it is none.
      const away = error instanceof ProblemError && error.status === 503;
      if (away && !picture.isClaimed(receipt)) return undefined;
      throw error;
    }
  }

  async function answerTurn(picture: Picture, memberId: string, receipt: number): Promise<QueuePlace> {
    const claim = await takeTurn(picture, memberId, receipt);
    if (claim?.place === 'NONE') {
      places.forget(picture.eventId, memberId);
      throw noPlace();
    }
    if (claim?.place !== 'ADMITTED') return toWaiting(picture, receipt);
    picture.claimed(receipt);
    return toAdmitted(picture, receipt, claim.grant);
  }

  const hasTurn = (picture: Picture, receipt: number): boolean =>
    picture.isCalled(receipt) || picture.isClaimed(receipt);

  const answer = (picture: Picture, memberId: string, receipt: number): QueuePlace | Promise<QueuePlace> =>
    hasTurn(picture, receipt) ? answerTurn(picture, memberId, receipt) : toWaiting(picture, receipt);

  async function findAndPoll(eventId: string, memberId: string): Promise<QueuePlace> {
    const picture = await pictureOf(eventId);
    const receipt = places.find(picture, memberId) ?? (await places.ask(picture, memberId));
    if (receipt === undefined) throw noPlace();
    const early = picture.earlyBy(receipt);
    if (early > 0) throw tooEarly(early);
    return answer(picture, memberId, receipt);
  }

  /** The place of a member who waits and comes when told to, from memory alone. Undefined for all others. */
  function statusAtOnce(eventId: string, memberId: string): QueuePlace | undefined {
    const picture = pictures.find(eventId);
    const receipt = picture && places.find(picture, memberId);
    if (!picture || receipt === undefined) return undefined;
    if (picture.earlyBy(receipt) > 0 || hasTurn(picture, receipt)) return undefined;
    return toWaiting(picture, receipt);
  }

  return {
    /** @throws {ProblemError} 404 QUE_4040 */
    describe: async (eventId: string): Promise<QueueRoom> => toRoom(await pictureOf(eventId)),

    /**
     * The place of a member: the one that it has, however often and from wherever it comes, or a new one at the back.
     * @throws {ProblemError} 404 QUE_4040, 409 QUE_4090, 410 QUE_4100, 503 QUE_5030 or SYS_5003
     */
    async enter(eventId: string, memberId: string): Promise<QueuePlace> {
      const picture = await pictureOf(eventId);
      const other = await active.claim(memberId, eventId);
      if (other !== undefined) throw elsewhere(other);
      const entrance = await places.enter(eventId, memberId);
      if ('receipt' in entrance) {
        const isSame = entrance.incarnation === picture.room.incarnation;
        const current = isSame ? picture : await pictures.refresh(eventId);
        if (!current) throw noRoom();
        current.arrived(entrance.receipt);
        return answer(current, memberId, entrance.receipt);
      }
      // A claim that is left behind is taken over by the next event, so a failure here is no harm.
      await active.release(memberId, eventId).catch(() => undefined);
      if (entrance.refused === 'SOLD_OUT') throw soldOut();
      if (entrance.refused === 'FULL') throw full();
      if (entrance.refused === 'SETTLING') throw unavailable(undefined, Math.ceil(SETTLING / 1_000));
      places.drop(eventId);
      throw noRoom();
    },

    statusAtOnce,

    /**
     * The place of a member.
     * @throws {ProblemError} 404 QUE_4040 or QUE_4041, 409 QUE_4090, 429 QUE_4290, 503
     */
    status: (eventId: string, memberId: string): QueuePlace | Promise<QueuePlace> =>
      statusAtOnce(eventId, memberId) ?? findAndPoll(eventId, memberId),

    /** Gives up the place, its turn and its token. Nothing where there is none. @throws {ProblemError} 503 */
    async leave(eventId: string, memberId: string): Promise<void> {
      const receipt = await store.leave(eventId, memberId);
      places.forget(eventId, memberId);
      if (receipt !== undefined) pictures.find(eventId)?.departed(receipt);
      await active.release(memberId, eventId);
    },
  };
}
export type QueueService = ReturnType<typeof createQueueService>;
