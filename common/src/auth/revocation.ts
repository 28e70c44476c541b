import type { Logger } from '../logging/index.ts';
import type { Redis } from '../redis/index.ts';

/** Milliseconds that an answer is remembered: an ended session is refused within a second, slow ways included. */
const LIFETIME = 500;
/** Milliseconds that a Redis that failed is left alone. */
const PAUSE = 1_000;

interface RevocationOptions {
  redis: Redis;
  logger: Logger;
  /** How many sessions are remembered; the oldest answer is forgotten first. */
  capacity?: number;
  now?: () => number;
}

interface Answer {
  askedAt: number;
  revoked: boolean;
}

/**
 * Whether a session was ended before its access tokens expired: `revoked:sid:<sid>` in Redis, as the gateway asks.
 * While Redis cannot say, the last answer stands, and a session that was never asked for counts as open.
 */
export function createRevocationCheck(options: RevocationOptions) {
  const { redis, logger, capacity = 10_000, now = () => performance.now() } = options;
  const answers = new Map<string, Answer>();
  const pending = new Map<string, Promise<boolean>>();
  let away = false;
  let retryAt = Number.NEGATIVE_INFINITY;

  function remember(sid: string, answer: Answer) {
    answers.delete(sid);
    if (answers.size >= capacity) {
      const oldest = answers.keys().next();
      if (!oldest.done) answers.delete(oldest.value);
    }
    answers.set(sid, answer);
  }

  async function ask(sid: string, known: Answer | undefined): Promise<boolean> {
    const askedAt = now();
    // One request at a time finds out whether it is back; the others must not wait for that.
    if (away) retryAt = askedAt + PAUSE;
    try {
      const revoked = (await redis.exists(`revoked:sid:${sid}`)) === 1;
      if (away) logger.info('ended sessions are checked again');
      away = false;
      remember(sid, { askedAt, revoked });
      return revoked;
    } catch (error) {
      if (!away)
        logger.warn({ err: error }, 'ended sessions cannot be checked, those not known count as open');
      away = true;
      retryAt = now() + PAUSE;
      return known?.revoked ?? false;
    }
  }

  return async function isRevoked(sid: string): Promise<boolean> {
    const known = answers.get(sid);
    if (known && now() - known.askedAt < LIFETIME) return known.revoked;
    if (away && now() < retryAt) return known?.revoked ?? false;
    const asking = pending.get(sid);
    if (asking) return asking;
    const answer = ask(sid, known).finally(() => pending.delete(sid));
    pending.set(sid, answer);
    return answer;
  };
}
export type RevocationCheck = ReturnType<typeof createRevocationCheck>;
