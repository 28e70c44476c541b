import type { QueueStats } from '@doa-market/common/contracts';
import type { Room } from './room.ts';

/** How the two halves of the waiting room meet: places (enter, leave, grants, routes) and the picture that is led by. */

/** Seconds: the wait is somewhere between them. */
export interface WaitRange {
  min: number;
  max: number;
}

/** What a member is told of its place. */
export interface Sight {
  /** How many are let in before it, plus one. Null before the opening. */
  position: number | null;
  /** Null before the opening, and while nobody is let in. */
  wait: WaitRange | null;
  /** Milliseconds until the next poll, from when one is welcome again. */
  nextPollIn: number;
}

/**
 * A room as this process sees it: a mirror of Redis that is renewed about twice a second, and frozen while Redis is
 * away. Everything here is memory alone; receipts and numbers count from 1.
 */
export interface Picture {
  readonly eventId: string;
  /** As of the last read; `arrivals` never falls behind what this process was told by `arrived`. */
  readonly room: Room;
  /** Places that wait: arrivals without gone and claimed ones. */
  readonly waiting: number;
  /** What can be held, null where product-server has not said. */
  readonly remaining: number | null;
  /** Milliseconds since 1970 on Redis' clock. */
  now(): number;
  /** Null before the opening. */
  numberOf(receipt: number): number | null;
  isGone(receipt: number): boolean;
  isClaimed(receipt: number): boolean;
  /** Whether it may claim now: it was called, is not missed, not gone and has not claimed. */
  isCalled(receipt: number): boolean;
  /** How many are let in before it, plus one. Null before the opening. */
  positionOf(receipt: number): number | null;
  /** Milliseconds until its next poll is welcome; 0 if it is now, or this process does not know. */
  earlyBy(receipt: number): number;
  /** Notes that its member is there, and what it is told. */
  see(receipt: number): Sight;
  /** Redis has just given this receipt to a member. */
  arrived(receipt: number): void;
  /** Redis has just said that it is gone, or has claimed: true here before the next read says so too. */
  departed(receipt: number): void;
  claimed(receipt: number): void;
}

export interface Pictures {
  /** The picture that is there, without asking anybody. */
  find(eventId: string): Picture | undefined;
  /**
   * The same, or read now where there is none yet; who asks for an event without a waiting room is answered from memory
   * for half a second.
   * @throws {ProblemError} 503 where Redis cannot say
   */
  load(eventId: string): Promise<Picture | undefined>;
  /** Read now, so that what this process has just changed is seen. @throws {ProblemError} 503 */
  refresh(eventId: string): Promise<Picture | undefined>;
  /** For operators. @throws {ProblemError} 404 QUE_4040, 503 */
  stats(eventId: string): Promise<QueueStats>;
}

/**
 * Called by the pictures when Redis answers less than it had answered before (it lost its last second): `seen` is what
 * the picture held until then. Arrivals, draw, cursor and places are then put back (store.ts).
 */
export type Restore = (eventId: string, seen: Room) => Promise<void>;
