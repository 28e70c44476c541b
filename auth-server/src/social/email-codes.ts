import { createHmac, randomInt } from 'node:crypto';
import { unavailable } from '@doa-market/common/errors';
import type { Redis } from '@doa-market/common/redis';
import { accountOf } from '../login/account.ts';

/** Milliseconds. */
const LIFETIME = 1_800_000;
const DIGITS = 8;
/** Guesses at one code; a mailbox gets few codes, so guessing is hopeless. */
const MAX_ATTEMPTS = 5;

/** Counted and compared in one step; the right one is gone with it. */
const USE = `
local digest = redis.call('HGET', KEYS[1], 'digest')
if not digest then return 0 end
if digest == ARGV[1] then
  redis.call('DEL', KEYS[1])
  return 1
end
if redis.call('HINCRBY', KEYS[1], 'attempts', 1) >= tonumber(ARGV[2]) then redis.call('DEL', KEYS[1]) end
return 0
`;

/**
 * Codes by which somebody shows that an address is theirs, in the browser that they came back with: a link in a mail
 * could be followed by an owner who never was at the provider, and would let in whoever was. Redis has neither the
 * code nor the address.
 */
export function createEmailCodes({ redis, serverSecret }: { redis: Redis; serverSecret: string }) {
  const hmac = (...parts: string[]) =>
    createHmac('sha256', serverSecret)
      .update(JSON.stringify(['email-code', ...parts]))
      .digest('base64url');
  const keyOf = (email: string) => `social:email-code:${hmac(accountOf(email))}`;

  return {
    /** A code for an address; it ends the one before. */
    async create(email: string): Promise<string> {
      const code = String(randomInt(10 ** DIGITS)).padStart(DIGITS, '0');
      const key = keyOf(email);
      const fields = { digest: hmac(accountOf(email), code), attempts: 0 };
      await reachable(redis.multi().del(key).hset(key, fields).pexpire(key, LIFETIME).exec());
      return code;
    },
    /** True once for the right one. @throws {ProblemError} 503 */
    async use(email: string, code: string): Promise<boolean> {
      const digest = hmac(accountOf(email), code);
      return (await reachable(redis.eval(USE, 1, keyOf(email), digest, MAX_ATTEMPTS))) === 1;
    },
  };
}
export type EmailCodes = ReturnType<typeof createEmailCodes>;

async function reachable<T>(command: Promise<T>): Promise<T> {
  try {
    return await command;
  } catch (error) {
    throw unavailable(error);
  }
}
