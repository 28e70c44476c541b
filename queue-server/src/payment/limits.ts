/** Milliseconds, all of them; instants are the database's. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const LIMITS = {
  /** That a buyer has from the beginning of a payment. */
  payment: 10 * MINUTE,
  /** That the gateway has to capture what it was allowed to. */
  capture: 2 * MINUTE,
  /** That what is held outlives a payment: whatever comes of it is known by then. */
  holdMargin: 5 * MINUTE,
  /** After its time is over, before a payment is given up. */
  giveUp: MINUTE,
  /** That a payment which was given up is still asked about: its money may come late. */
  afterwards: 24 * HOUR,
  /** That a webhook is remembered: PortOne's last repetition comes 341 min after the first, give or take its jitter. */
  webhooks: 6 * HOUR,
  /** That money may be neither confirmed nor back with its buyer. */
  inFlight: 10 * MINUTE,
} as const;

const within = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));

/** Until the gateway is asked again about a payment that the buyer may be at: longer each time. */
export const pauseWhileLive = (age: number): number => within(age / 2, 30 * SECOND, 10 * MINUTE);

/** The same for one that was given up; null where it is left alone. */
export const pauseAfterwards = (age: number): number | null =>
  age > LIMITS.afterwards ? null : within(age / 2, MINUTE, 3 * HOUR);

/** Until a refund that did not go through is tried again: for ever, and not every second. */
export const pauseOfRefund = (age: number): number => within(age / 2, 2 * SECOND, 5 * MINUTE);

export const later = (instant: Date, milliseconds: number): Date =>
  new Date(instant.getTime() + milliseconds);
