/** Milliseconds, all of them. */

const DAY = 86_400_000;

/** A session that nobody uses ends. */
export const IDLE = 7 * DAY;

/** However much it is used, a session ends, and a new login is asked for. */
export const ABSOLUTE = 30 * DAY;

/** Two tabs that refresh at once, and an answer that got lost, are no theft: the predecessor is good for a moment. */
export const GRACE = 10_000;
