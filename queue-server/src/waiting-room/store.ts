import { randomBytes } from 'node:crypto';
import { QUEUE_LIMITS } from '@doa-market/common/contracts';
import { type AnyRedis, createScript } from '@doa-market/common/redis';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { v7 as uuidv7 } from 'uuid';
import { REDIS_CLOCK } from './clock.ts';
import { keysOf, ROOMS } from './keys.ts';
import { reachable } from './reachable.ts';
import { parseRoom, type Room } from './room.ts';
import * as scripts from './scripts.ts';

/** Milliseconds that a turn lasts once it was taken. */
export const GRANT_LIFETIME = 600_000;

/**
 * Milliseconds in which every process is back at a Redis that has come back, and has read what it is now: no longer than
 * one second between two attempts, and one more between two reads of the picture.
 */
export const SETTLING = 2_500;
/** Places in one command: a few milliseconds of Redis' time. */
const RESTORED_AT_ONCE = 2_000;

export interface StoredGrant {
  admissionId: string;
  token: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** What an operator sets; what is undefined stays, or has its default in a new room. */
export interface Settings {
  /** Milliseconds since 1970; null where it is opened by hand. */
  opensAt?: number | null | undefined;
  rate?: number | undefined;
  capacity?: number | undefined;
  /** Seconds. */
  grace?: number | undefined;
}

/** SETTLING: Redis has just come back, and may not know yet who came last. */
const REFUSALS = ['FULL', 'SOLD_OUT', 'SETTLING'] as const;
export type Refusal = (typeof REFUSALS)[number];
export type Entry = { receipt: number } | { refused: Refusal };
export type Claim = { place: 'ADMITTED'; grant: StoredGrant } | { place: 'WAITING' | 'NONE' };

/** A place as a process knows it. */
export interface Holder {
  memberId: string;
  receipt: number;
}

const text = Type.String();
const integer = Compile(Type.Integer());
const texts = Compile(Type.Array(text));
const entries = Compile(Type.Array(Type.Union([text, Type.Null()])));
const claimed = Compile(
  Type.Union([
    Type.Tuple([Type.Literal('ADMITTED'), text, text, text]),
    Type.Tuple([Type.Enum(['WAITING', 'NONE'])]),
  ]),
);

/** The waiting rooms in Redis. @throws {ProblemError} 503 from every verb while Redis is away */
export function createStore(redis: AnyRedis, clock = REDIS_CLOCK) {
  const script = (source: string) => {
    const run = createScript(redis, source);
    return (...call: Parameters<typeof run>) => reachable(run(...call));
  };
  const run = {
    put: script(scripts.PUT),
    remove: script(scripts.DELETE),
    open: script(clock + scripts.OPEN),
    pause: script(scripts.PAUSE),
    resume: script(scripts.RESUME),
    enter: script(clock + scripts.ENTER),
    hasPlace: script(scripts.HAS_PLACE),
    leave: script(scripts.LEAVE),
    claim: script(clock + scripts.CLAIM),
    finish: script(scripts.FINISH),
    grant: script(scripts.GRANT),
    restore: script(scripts.RESTORE),
  };

  return {
    exists: async (eventId: string): Promise<boolean> =>
      (await reachable(redis.exists(keysOf(eventId).room))) === 1,

    read: async (eventId: string): Promise<Room | undefined> =>
      parseRoom(await reachable(redis.hgetall(keysOf(eventId).room))),

    /** Makes the room of an event, or changes the settings of the one that is there. */
    async put(eventId: string, settings: Settings): Promise<void> {
      const { opensAt, rate, capacity, grace } = settings;
      const named = Object.entries({ opensAt: opensAt === null ? '' : opensAt, rate, capacity, grace });
      const set = named.flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
      const { rate: r, capacity: c, grace: g } = QUEUE_LIMITS;
      const defaults = ['rate', r.default, 'capacity', c.default, 'grace', g.default];
      // First the hint: a room that nobody leads would stay closed.
      await reachable(redis.sadd(ROOMS, eventId));
      await run.put([keysOf(eventId).room], [uuidv7(), ...set, '', '', ...defaults]);
    },

    async remove(eventId: string): Promise<void> {
      const { fence, room, places, gone, missed, claimed, presence, admissions, leader } = keysOf(eventId);
      await run.remove([fence, room, places, gone, missed, claimed, presence, admissions, leader], []);
      await reachable(redis.srem(ROOMS, eventId));
    },

    /** Draws the numbers and opens. @returns whether this did it, and not somebody before, or nobody yet */
    async open(eventId: string, { ifDue }: { ifDue: boolean }): Promise<boolean> {
      const seed = randomBytes(32).toString('hex');
      return (await run.open([keysOf(eventId).room], [seed, ifDue ? 1 : 0])) === 1;
    },
    /** Both answer whether there is a room. */
    pause: async (eventId: string): Promise<boolean> => (await run.pause([keysOf(eventId).room], [])) === 1,
    resume: async (eventId: string): Promise<boolean> => (await run.resume([keysOf(eventId).room], [])) === 1,

    /**
     * Gives each member the place that it has, or a new one behind all others. `known` is what this process was told of
     * receipts: a Redis that has forgotten some does not give them again.
     * @returns undefined where there is no room
     */
    async enter(
      eventId: string,
      memberIds: readonly string[],
      known: Pick<Room, 'incarnation' | 'arrivals'>,
    ): Promise<{ incarnation: string; entries: Entry[] } | undefined> {
      const { room, places, gone, claimed, grant } = keysOf(eventId);
      const keys = [room, places, gone, claimed, ...memberIds.map(grant)];
      const answer = texts.Parse(
        await run.enter(keys, [known.incarnation, known.arrivals, SETTLING, ...memberIds]),
      );
      const [incarnation, ...outcomes] = answer;
      return incarnation === undefined ? undefined : { incarnation, entries: outcomes.map(toEntry) };
    },

    /** The receipts of members, of a place that they have or had; null for who never came. */
    async receiptsOf(eventId: string, memberIds: readonly string[]): Promise<(number | null)[]> {
      const found = entries.Parse(await reachable(redis.hmget(keysOf(eventId).places, ...memberIds)));
      return found.map((it) => (it === null ? null : Number(it)));
    },

    async hasPlace(eventId: string, memberId: string): Promise<boolean> {
      const { places, gone, claimed, grant } = keysOf(eventId);
      return (await run.hasPlace([places, gone, claimed, grant(memberId)], [memberId])) === 1;
    },

    /** @returns the receipt that was given up; undefined where there was none */
    async leave(eventId: string, memberId: string): Promise<number | undefined> {
      return integer.Parse(await run.leave(placeKeys(eventId, memberId), [memberId])) || undefined;
    },

    /** Takes the turn of a member, or answers what was given when it was taken. */
    async claim(
      eventId: string,
      { memberId, receipt }: Holder,
      { incarnation, number }: { incarnation: string; number: number },
    ): Promise<Claim> {
      const grant = [uuidv7(), `qr_${randomBytes(32).toString('base64url')}`, GRANT_LIFETIME];
      const args = [memberId, incarnation, number, receipt, ...grant];
      const answer = claimed.Parse(await run.claim(placeKeys(eventId, memberId), args));
      if (answer[0] !== 'ADMITTED') return { place: answer[0] };
      const [place, ...rest] = answer;
      return { place, grant: toGrant(rest) };
    },

    async grantOf(eventId: string, memberId: string): Promise<StoredGrant | undefined> {
      const { room, grant } = keysOf(eventId);
      const answer = texts.Parse(await run.grant([room, grant(memberId)], []));
      return answer.length === 0 ? undefined : toGrant(answer);
    },

    /** Ends a place that was let in, unless it is another admission's by now. */
    async finish(admission: { eventId: string; memberId: string; admissionId: string }): Promise<boolean> {
      const { eventId, memberId, admissionId } = admission;
      return (await run.finish(placeKeys(eventId, memberId), [memberId, admissionId])) === 1;
    },

    /** Puts back what this process knows, and Redis does not any more. */
    async restore(eventId: string, seen: Room, holders: readonly Holder[]): Promise<void> {
      const { room, places } = keysOf(eventId);
      const { incarnation, arrivals, cursor, draw, openedAt } = seen;
      const known = [incarnation, arrivals, cursor, draw?.seed ?? '', draw?.size ?? 0, openedAt ?? ''];
      for (let from = 0; from === 0 || from < holders.length; from += RESTORED_AT_ONCE) {
        const some = holders.slice(from, from + RESTORED_AT_ONCE);
        const pairs = some.flatMap(({ memberId, receipt }) => [receipt, memberId]);
        await run.restore([room, places], [...known, ...pairs]);
      }
    },
  };
}
export type Store = ReturnType<typeof createStore>;

/** As LEAVE, CLAIM and FINISH take them. */
function placeKeys(eventId: string, memberId: string): string[] {
  const { room, places, gone, missed, claimed, grant } = keysOf(eventId);
  return [room, places, gone, missed, claimed, grant(memberId)];
}

function toEntry(outcome: string): Entry {
  const refused = REFUSALS.find((it) => it === outcome);
  return refused ? { refused } : { receipt: Number(outcome) };
}

function toGrant([admissionId = '', token = '', expiresAt = '']: readonly string[]): StoredGrant {
  return { admissionId, token, expiresAt: Number(expiresAt) };
}
