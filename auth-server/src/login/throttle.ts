import { createHash } from 'node:crypto';
import { ProblemError, unavailable } from '@doa-market/common/errors';
import type { Redis } from '@doa-market/common/redis';

const ATTEMPTS = 10;
const WINDOW_SECONDS = 900;

/** Counts and starts the window in one step: an INCR whose EXPIRE got lost would lock an account for ever. */
const COUNT = `
local attempts = redis.call('INCR', KEYS[1])
if attempts == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return { attempts, redis.call('TTL', KEYS[1]) }
`;

/** Ten attempts per account in a quarter of an hour, known or not, counted before the password is looked at. */
export function createLoginThrottle(redis: Redis) {
  // The address itself is nobody's business who can read Redis.
  const keyOf = (email: string) =>
    `login:attempts:${createHash('sha256').update(email.toLowerCase()).digest('base64url')}`;

  return {
    /** @throws {ProblemError} 429; 503 when Redis is away, since guessing must not become free then. */
    async count(email: string): Promise<void> {
      const reply = await redis.eval(COUNT, 1, keyOf(email), WINDOW_SECONDS).catch((error: unknown) => {
        throw unavailable(error);
      });
      const [attempts, ttl] = reply as [number, number];
      if (attempts <= ATTEMPTS) return;
      throw new ProblemError(429, 'REQ_4290', 'Too many attempts to sign in. Try again later.', {
        headers: { 'Retry-After': String(Math.max(ttl, 1)) },
      });
    },
    /** The owner has shown up: earlier mistakes no longer count. */
    forget: (email: string): Promise<unknown> => redis.del(keyOf(email)),
  };
}
export type LoginThrottle = ReturnType<typeof createLoginThrottle>;
