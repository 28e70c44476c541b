import type { WaitRange } from './types.ts';

export interface EstimateQuestion {
  /** How many are let in before, plus one. */
  position: number;
  /** How many of all who wait, and how many of them have polled when told to (as the leader last counted). */
  waiting: number;
  present: number;
  /** Who was missed may come back, and is let in first. */
  missed: number;
  /** A second: what is set, and what was reached while there was somebody to call (null where that is not known). */
  rate: number;
  reached: number | null;
  /** Milliseconds until anybody is called at all. */
  settling: number;
}

/** Less than this part of the rate is a halt, and no rate to go by. */
const SLOWEST = 0.1;
/** How far what is counted may be off, one way and the other. */
const FEWER = 0.85;
const MORE = 1.15;

/**
 * At least: the silent ones before are passed at no cost, and the rate is kept. At most: all of them come back, so do the
 * missed, and it goes on as slowly as over the last minute. Who waits sees both ends come down.
 */
export function waitRange(question: EstimateQuestion): WaitRange {
  const { position, waiting, present, missed, rate, reached, settling } = question;
  const share = waiting === 0 ? 1 : Math.min(1, present / waiting);
  const slow = Math.min(rate, Math.max(reached ?? rate, rate * SLOWEST));
  const before = position - 1;
  const wait = settling / 1_000;
  return {
    min: Math.floor(wait + (before * share * FEWER) / rate),
    max: Math.ceil(wait + ((before + missed) * MORE) / slow + 2),
  };
}
