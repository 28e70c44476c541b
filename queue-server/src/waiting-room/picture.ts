import { createNumbers } from './draw.ts';
import { waitRange } from './estimate.ts';
import { grown } from './grown.ts';
import type { Pace } from './pace.ts';
import { nextPoll } from './poll.ts';
import { createPositions, type Positions } from './positions.ts';
import type { Reading } from './reader.ts';
import type { Room } from './room.ts';
import type { Picture, Sight, WaitRange } from './types.ts';

/** Milliseconds by which a poll may be early: clocks of browsers are none. */
const TOLERANCE = 250;

export interface PictureOptions {
  pace: Pick<Pace, 'settle'>;
  /** Milliseconds that only go forwards. */
  elapsed?: () => number;
  random?: () => number;
}

/** What belongs to a picture, and is for those alone who renew it. */
export interface OwnPicture {
  picture: Picture;
  positions: Positions;
  /** Fencing token and name of who leads; empty where nobody does. */
  leader(): string;
  /** Milliseconds since it was true. */
  age(): number;
  /** To be called before each read, so that what becomes known meanwhile outlives what the read answers. */
  beginRead(): void;
  take(reading: Reading): void;
  /** Who was seen since the last time that this was asked, and after how many seconds they come again. */
  takeSeen(): Map<number, number>;
  /** What was taken and could not be said. */
  giveBackSeen(seen: ReadonlyMap<number, number>): void;
}

/** The picture of one room, from what Redis says and what this process does. */
export function createPicture(eventId: string, first: Reading, options: PictureOptions): OwnPicture {
  const { pace, elapsed = () => performance.now(), random = Math.random } = options;
  const positions = createPositions();
  let room: Room = { ...first.room, incarnation: '' };
  let leader = '';
  let read = { at: 0, elapsed: 0 };
  let recent: { mark: 'gone' | 'claimed'; receipt: number }[] = [];
  let arrivedSince = 0;
  /** When the next poll of each receipt is welcome, and what the leader is to be told of it. */
  let welcome = new Float64Array(1_024);
  let seen = new Map<number, number>();

  function reset(): void {
    welcome.fill(0);
    seen = new Map();
    recent = [];
    arrivedSince = 0;
  }

  function take(reading: Reading): void {
    const before = room;
    if (reading.room.incarnation !== before.incarnation) reset();
    room = { ...reading.room, arrivals: Math.max(reading.room.arrivals, arrivedSince) };
    leader = reading.leader;
    // It took time to get here, minutes if this process was stopped: so it is later than we think, and never earlier.
    read = { at: reading.at, elapsed: elapsed() };
    if (reading.bitmaps) positions.update(reading.bitmaps);
    const { draw } = room;
    if (before.draw?.seed !== draw?.seed || before.incarnation !== room.incarnation) {
      positions.renumber(draw && createNumbers(draw));
    }
    for (const { mark, receipt } of recent) positions.mark(mark, receipt);
  }

  const now = (): number => read.at + (elapsed() - read.elapsed);
  const isGone = (receipt: number) => positions.is('gone', receipt);
  const isClaimed = (receipt: number) => positions.is('claimed', receipt);
  const isMissed = (receipt: number) => positions.is('missed', receipt);
  const waiting = () => Math.max(0, room.arrivals - positions.over());

  function isCalled(receipt: number): boolean {
    if (isGone(receipt) || isClaimed(receipt) || isMissed(receipt)) return false;
    const number = positions.numberOf(receipt);
    return number !== null && number <= room.cursor;
  }

  function positionOf(receipt: number): number | null {
    const number = positions.numberOf(receipt);
    if (number === null) return null;
    if (isClaimed(receipt) || isCalled(receipt)) return 0;
    if (number <= room.cursor) return positions.missedBefore(number) + 1;
    return positions.waitingBefore(number, room.cursor) + 1;
  }

  function estimate(position: number): WaitRange {
    if (position === 0) return { min: 0, max: 0 };
    const { rate, reached, openedAt } = room;
    const settling = Math.max(0, (openedAt ?? 0) + pace.settle - now());
    const present = room.present ?? waiting();
    const missed = positions.counts.missed;
    return waitRange({ position, waiting: waiting(), present, missed, rate, reached, settling });
  }

  function see(receipt: number): Sight {
    const position = positionOf(receipt);
    const wait = position === null ? null : estimate(position);
    const { state, opensAt } = room;
    const nextPollIn = nextPoll(
      {
        state,
        position,
        waiting: waiting(),
        earliest: wait === null ? 0 : wait.min * 1_000,
        untilOpening: opensAt === null || state !== 'PRE_QUEUE' ? null : opensAt - now(),
      },
      random(),
    );
    if (receipt >= welcome.length) welcome = grown(welcome, receipt);
    welcome[receipt] = elapsed() + nextPollIn;
    seen.set(receipt, Math.ceil(nextPollIn / 1_000));
    // Nobody knows how long an operator pauses, or whether anything comes back.
    return { position, wait: state === 'OPEN' ? wait : null, nextPollIn };
  }

  function mark(kind: 'gone' | 'claimed', receipt: number): void {
    positions.mark(kind, receipt);
    recent.push({ mark: kind, receipt });
  }

  const picture: Picture = {
    eventId,
    get room() {
      return room;
    },
    get waiting() {
      return waiting();
    },
    get remaining() {
      return room.stock;
    },
    now,
    numberOf: positions.numberOf,
    isGone,
    isClaimed,
    isCalled,
    positionOf,
    earlyBy: (receipt) => Math.max(0, (welcome[receipt] ?? 0) - elapsed() - TOLERANCE),
    see,
    arrived(receipt) {
      arrivedSince = Math.max(arrivedSince, receipt);
      if (receipt > room.arrivals) room = { ...room, arrivals: receipt };
    },
    departed: (receipt) => mark('gone', receipt),
    claimed: (receipt) => mark('claimed', receipt),
  };

  take(first);
  return {
    picture,
    positions,
    leader: () => leader,
    age: () => elapsed() - read.elapsed,
    beginRead() {
      recent = [];
      arrivedSince = 0;
    },
    take,
    takeSeen() {
      const taken = seen;
      seen = new Map();
      return taken;
    },
    giveBackSeen(back) {
      for (const [receipt, told] of back) if (!seen.has(receipt)) seen.set(receipt, told);
    },
  };
}
