import { createHash, randomBytes } from 'node:crypto';
import { ProblemError, unavailable } from '@doa-market/common/errors';
import type { Redis } from '@doa-market/common/redis';
import { parse as bytesOfId, stringify as idOfBytes } from 'uuid';

interface LinkOptions {
  redis: Redis;
  /** What it is for: part of the key, so that a link is good for nothing else. */
  purpose: 'verify-email' | 'reset-password';
  /** Milliseconds. */
  lifetime: number;
}

/** What a link was made for. */
export interface LinkSubject {
  memberId: string;
  /** The member's password hash of then, where the link is good for that one alone. */
  passwordHash: string | null;
}

const ID_BYTES = 16;
const SECRET_BYTES = 32;

const READ = `
if redis.call('HGET', KEYS[1], 'digest') ~= ARGV[1] then return nil end
return redis.call('HGET', KEYS[1], 'passwordHash')
`;

/** Found, checked and gone in one step: of many who come with it at once, one gets in. */
const USE = `
if redis.call('HGET', KEYS[1], 'digest') ~= ARGV[1] then return nil end
local passwordHash = redis.call('HGET', KEYS[1], 'passwordHash')
redis.call('DEL', KEYS[1])
return passwordHash
`;

const STORE = `
if ARGV[4] == '1' and redis.call('EXISTS', KEYS[1]) == 1 then return end
redis.call('HSET', KEYS[1], 'digest', ARGV[1], 'passwordHash', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
`;

/**
 * Links that are sent by mail: 256 random bits, of which Redis has the digest alone. A member has one link for a
 * purpose, so a new one ends the one before. A token is the member's id, by which the record is found, and the secret.
 */
export function createLinks({ redis, purpose, lifetime }: LinkOptions) {
  const keyOf = (memberId: string) => `link:${purpose}:${memberId}`;

  async function run(script: string, memberId: string, ...args: (string | number)[]): Promise<unknown> {
    return redis.eval(script, 1, keyOf(memberId), ...args).catch((error: unknown) => {
      throw unavailable(error);
    });
  }

  async function look(script: string, token: string): Promise<LinkSubject> {
    const memberId = memberOf(token);
    const found = memberId === undefined ? null : await run(script, memberId, digestOf(token));
    if (memberId === undefined || typeof found !== 'string') throw linkGone();
    return { memberId, passwordHash: found || null };
  }

  const store = ({ memberId, passwordHash }: LinkSubject, token: string, onlyIfNone: boolean) =>
    run(STORE, memberId, digestOf(token), passwordHash ?? '', lifetime, onlyIfNone ? 1 : 0);

  return {
    async create(subject: LinkSubject): Promise<string> {
      const token = Buffer.concat([bytesOfId(subject.memberId), randomBytes(SECRET_BYTES)]).toString(
        'base64url',
      );
      await store(subject, token, false);
      return token;
    },
    /** Leaves it as it is. @throws {ProblemError} 410 */
    read: (token: string): Promise<LinkSubject> => look(READ, token),
    /** @throws {ProblemError} 410 for all but the first */
    use: (token: string): Promise<LinkSubject> => look(USE, token),
    /** What it was used for did not come to pass: it is good again, unless there is a newer one. */
    restore: (token: string, subject: LinkSubject): Promise<unknown> => store(subject, token, true),
  };
}
export type Links = ReturnType<typeof createLinks>;

export const linkGone = () =>
  new ProblemError(410, 'AUTH_1006', 'The link has been used or has expired. Ask for a new one.');

const digestOf = (token: string) => createHash('sha256').update(token).digest('base64url');

function memberOf(token: string): string | undefined {
  const bytes = Buffer.from(token, 'base64url');
  // One spelling alone: base64url can be written with bits that nobody reads.
  if (bytes.length !== ID_BYTES + SECRET_BYTES || bytes.toString('base64url') !== token) return undefined;
  try {
    return idOfBytes(bytes.subarray(0, ID_BYTES));
  } catch {
    return undefined;
  }
}
