import type { Redis } from '@doa-market/common/redis';
import { lockOf, PURGE_LOG } from './names.ts';
import { asBuffer, checksumOf } from './payload.ts';
import { hitIn, numberIn, type PurgeRecord, purgesIn, textsIn } from './replies.ts';
import { CLAIM, EXTEND, GET, JOIN, PURGE, RELEASE, REPLACE, STORE } from './scripts.ts';
import type { SharedEntry, SharedHit } from './shared-level.ts';

type ClaimReply =
  | { kind: 'granted'; epoch: number }
  | { kind: 'stored'; hit: SharedHit }
  | { kind: 'elsewhere'; holder: string };

interface CommandOptions {
  channel: string;
  /** Milliseconds that an entry is kept at most. */
  keepAtMost: number;
}

/** A render ends long before this: what is known of purges outlives every entry that they might concern. */
const MARGIN = 3_600_000;
/** Purges that are read at a time. */
const BATCH = 500;

/** The protocol's steps as calls; each rejects as ioredis does, or where Redis answers what makes no sense. */
export function createCommands(redis: Redis, { channel, keepAtMost }: CommandOptions) {
  const horizon = keepAtMost + MARGIN;
  const get = defineScript(redis, 'sharedGet', GET, 1);
  const claim = defineScript(redis, 'sharedClaim', CLAIM, 3);
  const store = defineScript(redis, 'sharedStore', STORE, 3);
  const release = defineScript(redis, 'sharedRelease', RELEASE, 2);
  const extend = defineScript(redis, 'sharedExtend', EXTEND);
  const replace = defineScript(redis, 'sharedReplace', REPLACE, 1);
  const purge = defineScript(redis, 'sharedPurge', PURGE, 1);
  const join = defineScript(redis, 'sharedJoin', JOIN, 1);

  const lifeOf = ({ keepFor }: SharedEntry) => Math.max(1, Math.floor(Math.min(keepFor, keepAtMost)));
  const tagsOf = ({ tags }: SharedEntry) => JSON.stringify(tags);

  return {
    get: async (key: string): Promise<SharedHit | undefined> => hitIn(await get(key)),

    claim: async function ask(
      key: string,
      known: string,
      token: string,
      lockTtl: number,
    ): Promise<ClaimReply> {
      const reply = await claim(key, lockOf(key), PURGE_LOG, known, token, lockTtl, horizon);
      const [kind, detail = '', version = ''] = textsIn(reply);
      if (kind === 'granted') return { kind, epoch: numberIn(detail) };
      if (kind === 'elsewhere') return { kind, holder: detail };
      if (kind !== 'stored') throw new Error('a claim was answered with what is none');
      const hit = hitIn(Array.isArray(reply) ? reply.slice(1) : []);
      // What is damaged is as good as what is known and too old.
      return hit ? { kind, hit } : ask(key, version, token, lockTtl);
    },

    async store(key: string, token: string, epoch: number, entry: SharedEntry) {
      const [life, tags, payload] = [lifeOf(entry), tagsOf(entry), asBuffer(entry.payload)];
      const sum = checksumOf(payload);
      const keys = [key, lockOf(key), PURGE_LOG];
      const [outcome] = textsIn(await store(...keys, token, epoch, life, tags, payload, sum, channel));
      if (outcome === 'stored' || outcome === 'purged' || outcome === 'overtaken') return outcome;
      throw new Error('a store was answered with what is none');
    },

    async release(key: string, token: string): Promise<void> {
      await release(key, lockOf(key), token, channel);
    },

    /** Answers the tokens that still hold their locks. */
    async extend(held: readonly { key: string; token: string }[], lockTtl: number): Promise<string[]> {
      const keys = held.map(({ key }) => lockOf(key));
      return textsIn(await extend(keys.length, ...keys, lockTtl, ...held.map(({ token }) => token)));
    },

    async replace(key: string, version: string, entry: SharedEntry): Promise<string | undefined> {
      const payload = asBuffer(entry.payload);
      const reply = await replace(key, version, lifeOf(entry), tagsOf(entry), payload, checksumOf(payload));
      return textsIn(reply)[0];
    },

    /** Who holds the locks of `keys` now. */
    holders: (keys: readonly string[]): Promise<(string | null)[]> => redis.mget(keys.map(lockOf)),

    async purge(tags: readonly string[]): Promise<PurgeRecord> {
      const reply = textsIn(await purge(PURGE_LOG, JSON.stringify(tags), channel, horizon));
      return { previous: numberIn(reply[0]), number: numberIn(reply[1]), tags };
    },

    /** The number of the last purge, from which to follow the log; `known` is 0 where nothing is known. */
    async join(known: number): Promise<number> {
      return numberIn(textsIn(await join(PURGE_LOG, known, channel, horizon))[0]);
    },

    /** The purges after `known`, some of the first; undefined where the log does not have `known` itself. */
    async purgesSince(known: number): Promise<PurgeRecord[] | undefined> {
      return purgesIn(await redis.xrange(PURGE_LOG, `${known}-0`, '+', 'COUNT', BATCH), known);
    },
  };
}
export type Commands = ReturnType<typeof createCommands>;

type Argument = string | number | Buffer;

/** Makes the script a command of the connection; without a number of keys the first argument says it. */
function defineScript(redis: Redis, name: string, lua: string, numberOfKeys?: number) {
  redis.defineCommand(name, numberOfKeys === undefined ? { lua } : { lua, numberOfKeys });
  const command: unknown = Reflect.get(redis, `${name}Buffer`);
  if (typeof command !== 'function') throw new Error(`${name} was not defined`);
  return async (...args: readonly Argument[]): Promise<unknown> => command.apply(redis, args);
}
