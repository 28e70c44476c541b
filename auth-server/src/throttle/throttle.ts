import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { ProblemError, unavailable } from '@doa-market/common/errors';
import type { Redis } from '@doa-market/common/redis';
import { shortened } from '../http/device.ts';

interface ThrottleOptions {
  redis: Redis;
  /** What is counted: part of the key. */
  name: string;
  /** How often at once. */
  burst: number;
  /** Milliseconds until one more. */
  every: number;
  now: () => number;
}

/**
 * The generic cell rate algorithm (ITU-T I.371): the key holds the time at which everything taken so far has been
 * given back. Answers how many milliseconds too early this one is, and counts it only if it is not.
 */
const TAKE = `
local now, every, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now) + every
local early = full - burst * every - now
if early > 0 then return early end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', string.format('%.0f', full - now))
return 0
`;

const GIVE_BACK = `
local now = tonumber(ARGV[1])
local full = tonumber(redis.call('GET', KEYS[1]) or 0) - tonumber(ARGV[2])
if full <= now then return redis.call('DEL', KEYS[1]) end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', string.format('%.0f', full - now))
`;

/** So many at once, and then one every now and then: exact however many ask at the same time, in any process. */
export function createThrottle({ redis, name, burst, every, now }: ThrottleOptions) {
  // Addresses and names are nobody's business who can read Redis.
  const keyOf = (subject: string) =>
    `throttle:${name}:${createHash('sha256').update(subject).digest('base64url')}`;

  return {
    /** 0, or the milliseconds to wait. @throws {ProblemError} 503: nothing becomes free while Redis is away. */
    async take(subject: string): Promise<number> {
      const early = await redis.eval(TAKE, 1, keyOf(subject), now(), every, burst).catch((error: unknown) => {
        throw unavailable(error);
      });
      return Number(early);
    },
    giveBack: (subject: string): Promise<unknown> => redis.eval(GIVE_BACK, 1, keyOf(subject), now(), every),
    clear: (subject: string): Promise<unknown> => redis.del(keyOf(subject)),
  };
}
export type Throttle = ReturnType<typeof createThrottle>;

/** @throws {ProblemError} 429 */
export async function takeOrRefuse(throttle: Throttle, subject: string): Promise<void> {
  const wait = await throttle.take(subject);
  if (wait > 0) throw tooMany(wait);
}

/** @param wait milliseconds */
export const tooMany = (wait: number) =>
  new ProblemError(429, 'REQ_4290', 'Too many attempts. Try again later.', {
    headers: { 'Retry-After': String(Math.ceil(wait / 1_000)) },
  });

/** Who is counted by address: somebody with IPv6 has a network of 64 bits to choose addresses from. */
export const networkOf = (address: string): string => (isIP(address) === 6 ? shortened(address) : address);
