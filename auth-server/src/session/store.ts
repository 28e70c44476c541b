import { announceEnding } from '@doa-market/common/auth';
import { type MemberRole, MemberRoleSchema } from '@doa-market/common/contracts';
import { unavailable } from '@doa-market/common/errors';
import type { Redis } from '@doa-market/common/redis';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Device } from '../http/device.ts';
import { ABSOLUTE, GRACE, IDLE } from './lifetimes.ts';
import { CLOSE, END, ENROL, OPEN, ROTATE } from './scripts.ts';

export interface NewSession {
  sid: string;
  memberId: string;
  role: MemberRole;
  client: string;
  /** The digest of its first refresh token. */
  current: string;
  device: Device;
}

export interface Rotation {
  sid: string;
  presented: string;
  successor: string;
  client: string;
  device: Device;
}

export type RotationOutcome =
  | { outcome: 'rotated'; memberId: string; role: MemberRole; createdAt: number }
  | { outcome: 'reused'; memberId: string }
  | { outcome: 'gone' | 'foreign' };

export interface StoredSession extends Device {
  sid: string;
  createdAt: number;
  lastUsedAt: number;
}

interface EndOptions {
  /** Only if it is this member's. */
  memberId?: string;
  /** Only if it is bound to this client. */
  client?: string;
  /** Also if it is not there, since it may be on its way. */
  blindly?: boolean;
}

const rotationValidator = Compile(
  Type.Union([
    Type.Tuple([Type.Literal('rotated'), Type.String(), MemberRoleSchema, Type.Integer()]),
    Type.Tuple([Type.Literal('reused'), Type.String()]),
    Type.Tuple([Type.Enum(['gone', 'foreign'])]),
  ]),
);
const sidsValidator = Compile(Type.Array(Type.String()));
const nothingOrSids = Compile(Type.Union([Type.Null(), Type.Array(Type.String())]));
const nothingOrId = Compile(Type.Union([Type.Null(), Type.String()]));

/** Redis gives text alone. */
const MomentSchema = Type.String({ pattern: '^\\d+$' });
const storedValidator = Compile(
  Type.Object({
    memberId: Type.String(),
    userAgent: Type.String(),
    address: Type.String(),
    createdAt: MomentSchema,
    lastUsedAt: MomentSchema,
  }),
);

/** More devices than anybody has: a login past that ends the session that was used the longest time ago. */
const MAX_SESSIONS = 50;
/** A session is entered in the list before it is made: what is this young may be on its way. */
const ENTRY_AGE = 60_000;
/** For as long a login may be on its way. */
const LOGIN_TIME = 3_600_000;
const ENDINGS = 'sessions:endings';

const revocationOf = (sid: string) => `revoked:sid:${sid}`;
const keysOf = (sid: string): [string, string] => [`session:{${revocationOf(sid)}}`, revocationOf(sid)];
const listOf = (memberId: string) => `sessions:{${memberId}}`;

interface StoreOptions {
  redis: Redis;
  /** Milliseconds after which no access token of an ended session is good any more. */
  tokenLifetime: number;
  now: () => number;
}

/** Sessions in Redis. Every verb is a 503 while Redis is away. */
export function createSessionStore({ redis, tokenLifetime, now }: StoreOptions) {
  const run = (script: string, keys: string[], ...args: (string | number)[]): Promise<unknown> =>
    reachable(redis.eval(script, keys.length, ...keys, ...args));

  async function end(sid: string, { memberId = '', client = '', blindly = false }: EndOptions = {}) {
    await reachable(announceEnding(redis, sid));
    const owner = await run(END, keysOf(sid), memberId, client, blindly ? 1 : 0, tokenLifetime);
    return nothingOrId.Parse(owner) ?? undefined;
  }

  async function read(sid: string, memberId: string): Promise<StoredSession | undefined> {
    const stored: unknown = await reachable(redis.hgetall(keysOf(sid)[0]));
    if (!storedValidator.Check(stored) || stored.memberId !== memberId) return undefined;
    const { userAgent, address } = stored;
    const [createdAt, lastUsedAt] = [Number(stored.createdAt), Number(stored.lastUsedAt)];
    if (now() >= Math.min(createdAt + ABSOLUTE, lastUsedAt + IDLE)) return undefined;
    return { sid, userAgent, address, createdAt, lastUsedAt };
  }

  return {
    /** A point in time between endings. What is read of a member after it is true unless `open` refuses it. */
    mark: async (): Promise<number> => Number((await reachable(redis.get(ENDINGS))) ?? 0),

    /** False when all sessions of the member were ended since `mark`. */
    async open(session: NewSession, mark?: number): Promise<boolean> {
      const { sid, memberId, device, ...rest } = session;
      const at = now();
      const list = listOf(memberId);
      const keys = [list, `${list}:ended`];
      const excess = nothingOrSids.Parse(await run(ENROL, keys, sid, at, mark ?? '', MAX_SESSIONS, ABSOLUTE));
      if (!excess) return false;
      for (const old of excess) {
        await end(old);
        await reachable(redis.zrem(list, old));
      }
      const fields = { ...rest, ...device, memberId, createdAt: at, lastUsedAt: at, rotatedAt: at };
      const opened = await run(OPEN, keysOf(sid), IDLE, ...Object.entries(fields).flat());
      return opened === 1;
    },

    async rotate({ sid, presented, successor, client, device }: Rotation): Promise<RotationOutcome> {
      const at = now();
      const lifetimes = [GRACE, IDLE, ABSOLUTE];
      const rest = [device.address, device.userAgent, tokenLifetime];
      const reply = rotationValidator.Parse(
        await run(ROTATE, keysOf(sid), presented, successor, client, at, ...lifetimes, ...rest),
      );
      // Reuse is found and ended in one step, so it can be announced after it alone; if that is missed, the next
      // attempt, which finds the session gone, makes up for it.
      if (reply[0] === 'reused' || reply[0] === 'gone') await reachable(announceEnding(redis, sid));
      if (reply[0] === 'reused') return { outcome: 'reused', memberId: reply[1] };
      if (reply[0] !== 'rotated') return { outcome: reply[0] };
      const [outcome, memberId, role, createdAt] = reply;
      // The list's order is a courtesy: the tokens stand without it.
      await redis.zadd(listOf(memberId), 'XX', at, sid).catch(() => undefined);
      return { outcome, memberId, role, createdAt };
    },

    /** Ends a session, and refuses its access tokens. Answers whose it was, if there was one to end. */
    end,

    /** Ends every session of a member but one, also those that are being made. */
    async endAll(memberId: string, except?: string): Promise<string[]> {
      const endings = await reachable(redis.incr(ENDINGS));
      const list = listOf(memberId);
      const sids = sidsValidator.Parse(await run(CLOSE, [list, `${list}:ended`], endings, LOGIN_TIME));
      const ended = sids.filter((sid) => sid !== except);
      await Promise.all(ended.map((sid) => end(sid, { blindly: true })));
      if (ended.length > 0) await reachable(redis.zrem(list, ...ended));
      return ended;
    },

    /** The client that a member's session is bound to; undefined when there is no such session. */
    async clientOf(memberId: string, sid: string): Promise<string | undefined> {
      const [owner, client] = await reachable(redis.hmget(keysOf(sid)[0], 'memberId', 'client'));
      return owner === memberId ? (client ?? undefined) : undefined;
    },

    /** The last used first. Entries whose session has gone are dropped. */
    async list(memberId: string): Promise<StoredSession[]> {
      const key = listOf(memberId);
      const sids = await reachable(redis.zrevrange(key, 0, MAX_SESSIONS - 1));
      const found = await Promise.all(sids.map((sid) => read(sid, memberId)));
      const settled = await reachable(redis.zrangebyscore(key, '-inf', `${now() - ENTRY_AGE}`));
      const gone = sids.filter((sid, index) => !found[index] && settled.includes(sid));
      if (gone.length > 0) await reachable(redis.zrem(key, ...gone));
      return found.filter((it) => it !== undefined);
    },
  };
}
export type SessionStore = ReturnType<typeof createSessionStore>;

async function reachable<T>(command: Promise<T>): Promise<T> {
  try {
    return await command;
  } catch (error) {
    throw unavailable(error);
  }
}
