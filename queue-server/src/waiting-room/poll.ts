import type { QueueState } from '@doa-market/common/contracts';

/** Milliseconds. The gateway lets 60 polls a minute through; nobody is told to come more often than 40 times. */
const FRONT = 1_500;
const FRONT_SPREAD = 500;
/** Nobody is told to stay away for longer, so this is also how old a told interval can be. */
export const LONGEST_POLL = 30_000;
/** A poll that says nothing new is not missed. */
const ADMITTED = 10_000;
const STOPPED = 5_000;
/** How many may come a second when all come at once: at the opening, or while the hour is not known. */
const CROWD = 5_000;
/** Milliseconds after the opening within which all of the pre-queue come back, however few or many they are. */
const OPENING = { least: 2_000, most: 10_000 };

export interface PollQuestion {
  state: QueueState;
  /** How many wait. */
  waiting: number;
  /** Null before the opening, 0 for who is let in. */
  position: number | null;
  /** Milliseconds until one's turn at the earliest. */
  earliest: number;
  /** Milliseconds until the opening; null where an operator opens by hand. */
  untilOpening: number | null;
}

/**
 * After how many milliseconds a member shall come again: soon at the front, late at the back, and early enough to come
 * two more times before the turn. What it says here is written down with each sighting (presence.ts), so nobody is
 * silent who does as told.
 * @param random from 0 to 1: neighbours do not come at the same moment
 */
export function nextPoll(question: PollQuestion, random = Math.random()): number {
  const { state, position, earliest } = question;
  if (position === null) return Math.round(untilDraw(question, random));
  if (position === 0) return ADMITTED;
  const least = state === 'OPEN' ? FRONT : STOPPED;
  return Math.round(clamp((earliest / 3) * (0.85 + 0.15 * random), least + FRONT_SPREAD * random));
}

/** The last poll before the opening is answered with a moment after it, another one for each. */
function untilDraw({ waiting, untilOpening }: PollQuestion, random: number): number {
  const spread = Math.min(Math.max((waiting / CROWD) * 1_000, OPENING.least), OPENING.most);
  if (untilOpening === null) return clamp(3 * spread * (0.7 + 0.3 * random), STOPPED);
  const opened = Math.max(0, untilOpening) + FRONT / 3 + spread * random;
  if (opened <= LONGEST_POLL) return Math.max(opened, FRONT);
  return LONGEST_POLL * (0.7 + 0.3 * random);
}

const clamp = (interval: number, least: number): number => Math.min(Math.max(interval, least), LONGEST_POLL);
