import type { Logger } from '../logging/index.ts';
import type { AnyRedis } from '../redis/index.ts';
import { createEndings } from './endings.ts';

/** Milliseconds that an answer is remembered: an ended session is refused within a second, slow ways included. */
const LIFETIME = 500;
/** Milliseconds after which the names of ended sessions are read again, while the ones that are known still count. */
const RENEWAL = 250;
/** Milliseconds that a Redis that failed is left alone. */
const PAUSE = 1_000;

interface RevocationOptions {
  redis: AnyRedis;
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
 * Asked of sessions alone whose end was announced, so that the others cost no command. While Redis cannot say, the
 * last answer stands, and a session that was never asked for counts as open.
 */
export function createRevocationCheck(options: RevocationOptions) {
  const { redis, logger, capacity = 10_000, now = () => performance.now() } = options;
  const endings = createEndings(redis);
  const answers = new Map<string, Answer>();
  const pending = new Map<string, Promise<boolean>>();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
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

  /** What Redis answers; undefined where it does not, and then it has a pause. */
  async function asked<T>(question: () => Promise<T>): Promise<T | undefined> {
    // One request at a time finds out whether it is back; the others must not wait for that.
    if (away) retryAt = now() + PAUSE;
    try {
      const answer = await question();
      if (away) logger.info('ended sessions are checked again');
      away = false;
      return answer;
    } catch (error) {
      if (!away)
        logger.warn({ err: error }, 'ended sessions cannot be checked, those not known count as open');
      away = true;
      retryAt = now() + PAUSE;
      return undefined;
    }
  }

  function renew(): Promise<void> {
    const startedAt = now();
    reading ??= asked(async () => {
      await endings.read();
      readAt = startedAt;
    }).then(() => {
      reading = undefined;
    });
    return reading;
  }

  async function ask(sid: string): Promise<boolean> {
    const askedAt = now();
    const count = await asked(() => redis.exists(`revoked:sid:${sid}`));
    if (count === undefined) return answers.get(sid)?.revoked ?? false;
    remember(sid, { askedAt, revoked: count === 1 });
    return count === 1;
  }

  /** From what was read and asked so far; undefined where Redis has to be asked about this one. */
  function answerAtOnce(sid: string): boolean | undefined {
    if (!endings.has(sid)) return false;
    const known = answers.get(sid);
    if (known && now() - known.askedAt < LIFETIME) return known.revoked;
    if (away && now() < retryAt) return known?.revoked ?? false;
    return undefined;
  }

  /** The answer where it is known without waiting; undefined where it is not. */
  function atOnce(sid: string): boolean | undefined {
    const age = now() - readAt;
    const resting = away && now() < retryAt;
    if (age >= RENEWAL && !resting) void renew();
    return age >= LIFETIME && !resting ? undefined : answerAtOnce(sid);
  }

  async function isRevoked(sid: string): Promise<boolean> {
    if (atOnce(sid) === undefined) await reading;
    const known = answerAtOnce(sid);
    if (known !== undefined) return known;
    const asking = pending.get(sid);
    if (asking) return asking;
    const answer = ask(sid).finally(() => pending.delete(sid));
    pending.set(sid, answer);
    return answer;
  }

  return Object.assign(isRevoked, { atOnce });
}
export type RevocationCheck = ReturnType<typeof createRevocationCheck>;
