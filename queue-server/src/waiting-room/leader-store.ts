import { type AnyRedis, createScript } from '@doa-market/common/redis';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { PresenceEntry } from './attendance.ts';
import { REDIS_CLOCK } from './clock.ts';
import { type Admissions, parseAdmissions } from './history.ts';
import { keysOf } from './keys.ts';
import { ACQUIRE, RESIGN, STEP } from './leader-scripts.ts';
import { BATCH_SECONDS } from './pace.ts';
import { unpack } from './packed.ts';
import type { Plan } from './plan.ts';
import { reachable } from './reachable.ts';
import type { Stock } from './stock.ts';

/** Entries in one answer. */
const PAGE = 500;
/** Decimals of what is only looked at. */
const PRECISE = 3;

const fence = Compile(Type.Integer());
const outcome = Compile(Type.Enum(['DONE', 'FENCED', 'STALE']));
export type Outcome = 'DONE' | 'FENCED' | 'STALE';

export interface Measures {
  measured: number;
  reached: number | null;
}

/** What leaders read and write of one event. @throws {ProblemError} 503 from every verb while Redis is away */
export function createLeaderStore(redis: AnyRedis, eventId: string, clock = REDIS_CLOCK) {
  const keys = keysOf(eventId);
  const acquire = createScript(redis, clock + ACQUIRE);
  const resign = createScript(redis, clock + RESIGN);
  const step = createScript(redis, clock + STEP);

  async function* entriesAfter(stream: string, id: string) {
    for (let last = id; ; ) {
      const page = await reachable(redis.xrangeBuffer(stream, `(${last}`, '+', 'COUNT', PAGE));
      for (const [entryId, fields] of page) {
        last = entryId.toString();
        yield { id: last, fields };
      }
      if (page.length < PAGE) return;
    }
  }

  return {
    /** @returns what the leader is called from now on; undefined where somebody else leads */
    async acquire(name: string, lease: number): Promise<string | undefined> {
      const answer = await reachable(acquire([keys.leader, keys.fence, keys.room], [name, lease]));
      const token = fence.Parse(answer);
      return token === 0 ? undefined : `${token}:${name}`;
    },
    resign: async (leader: string): Promise<void> => void (await reachable(resign([keys.leader], [leader]))),

    /** What all processes have seen since the entry with this id. */
    async *presenceAfter(id: string): AsyncGenerator<PresenceEntry & { id: string }> {
      for await (const { id: next, fields } of entriesAfter(keys.presence, id)) {
        const [, arrivals, , seen] = fields;
        const sightings = unpack(seen ?? new Uint8Array());
        yield { id: next, at: Number.parseInt(next, 10), arrivals: Number(arrivals), sightings };
      }
    },
    async *admissionsAfter(id: string): AsyncGenerator<Admissions & { id: string }> {
      for await (const { id: next, fields } of entriesAfter(keys.admissions, id)) {
        yield { id: next, ...parseAdmissions(next, fields.map(String)) };
      }
    },

    async step(
      { leader, lease, incarnation }: { leader: string; lease: number; incarnation: string },
      plan: Plan,
      { measured, reached }: Measures,
      stock: Stock | null,
    ): Promise<Outcome> {
      const { room, leader: lead, gone, missed, claimed, presence, admissions } = keys;
      const said = {
        ...plan,
        stock: stock?.left ?? null,
        soldOut: stock?.soldOut ?? false,
        measured: measured.toFixed(PRECISE),
        reached: reached?.toFixed(PRECISE) ?? '',
      };
      const args = [leader, lease, incarnation, BATCH_SECONDS, JSON.stringify(said)];
      const all = [room, lead, gone, missed, claimed, presence, admissions];
      return outcome.Parse(await reachable(step(all, args)));
    },
  };
}
export type LeaderStore = ReturnType<typeof createLeaderStore>;
