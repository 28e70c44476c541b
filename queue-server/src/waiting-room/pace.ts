/** How often what happens, and how long is waited for whom. Milliseconds. */
export interface Pace {
  /** Between two reads of a room's picture. */
  refresh: number;
  /** Between two entries of what this process has seen. */
  flush: number;
  /** Between two steps of the leader, or two attempts to become it. */
  step: number;
  /** How long a leader that says nothing is believed to be there. */
  lease: number;
  /** After the opening nobody is called yet: who is there shall have been seen. */
  settle: number;
  /** How much later than told somebody may come, and still not be silent. */
  slack: number;
  /** How long who was called may take to come for the admission. */
  claim: number;
  /** The same for who was missed before: browsers let a page in the background ask once a minute, whatever it is told. */
  reclaim: number;
  /** If nobody was seen at all for this long, the waiting room was away, and not those who wait. */
  gap: number;
  /** Between two questions to product-server. */
  stock: number;
}

export const PACE: Pace = {
  refresh: 500,
  flush: 1_000,
  step: 250,
  lease: 2_000,
  settle: 3_000,
  slack: 5_000,
  claim: 10_000,
  reclaim: 90_000,
  gap: 3_000,
  stock: 1_500,
};

/**
 * Seconds' worth of admissions that one batch may have. A leader steps four times a second; on a busy machine it is up to
 * half a second late, and loses nothing by it.
 */
export const BATCH_SECONDS = 1;

/** How many are let in at once at most. In any window of T seconds it is no more than rate * T and one batch. */
export const batchOf = (rate: number): number => Math.max(1, Math.floor(rate * BATCH_SECONDS));
