import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Redis } from '../redis/index.ts';

/** Milliseconds after which a reader that has nothing to do counts as gone. */
const GONE = 3_600_000;

export interface StreamEntry<Event> {
  id: string;
  /** Undefined where it is none by the contract. */
  event: Event | undefined;
}

interface StreamReaderOptions<Event> {
  /** The reader's alone, since it waits on it. */
  redis: Redis;
  stream: string;
  group: string;
  /** The name of this one of the group's readers. */
  reader: string;
  /** The event in an entry's fields and values. */
  eventIn: (fields: readonly string[]) => Event | undefined;
  /** Milliseconds after which what somebody has read counts as abandoned; who works on it says so more often. */
  abandonedAfter?: number;
}

const EntriesSchema = Type.Array(
  Type.Tuple([Type.String(), Type.Union([Type.Array(Type.String()), Type.Null()])]),
);
const ReadSchema = Type.Union([Type.Null(), Type.Array(Type.Tuple([Type.String(), EntriesSchema]))]);
const ClaimSchema = Type.Tuple([Type.String(), EntriesSchema, Type.Array(Type.String())]);
const GroupsSchema = Type.Array(Type.Array(Type.Union([Type.String(), Type.Number(), Type.Null()])));
const PendingSchema = Type.Array(Type.Tuple([Type.String(), Type.String(), Type.Number(), Type.Number()]));

/** Pairs of names and values in one list. */
const valueIn = (list: readonly unknown[], name: string): number => Number(list[list.indexOf(name) + 1] ?? 0);

/**
 * A stream of events as one of several readers sees it: each event goes to one of them, and to another if that one dies.
 */
export function createStreamReader<Event>(options: StreamReaderOptions<Event>) {
  const { redis, stream, group, reader, eventIn, abandonedAfter = 3_000 } = options;
  type Entry = StreamEntry<Event>;

  const toEntries = (raw: [string, string[] | null][]): Entry[] =>
    raw.map(([id, fields]) => ({ id, event: fields ? eventIn(fields) : undefined }));

  return {
    /** Redis may have come back without it: then everything on the stream is read again, which does no harm. */
    async ensureGroup(): Promise<void> {
      await redis.xgroup('CREATE', stream, group, '0', 'MKSTREAM').catch((error: unknown) => {
        if (!(error instanceof Error && error.message.startsWith('BUSYGROUP'))) throw error;
      });
    },
    /** At most `count` that are new, after `wait` milliseconds at most; 0 does not wait. */
    async read(count: number, wait: number): Promise<Entry[]> {
      const what = ['STREAMS', stream, '>'] as const;
      const reply: unknown =
        wait > 0
          ? await redis.xreadgroup('GROUP', group, reader, 'COUNT', count, 'BLOCK', wait, ...what)
          : await redis.xreadgroup('GROUP', group, reader, 'COUNT', count, ...what);
      return Value.Parse(ReadSchema, reply)?.flatMap(([, raw]) => toEntries(raw)) ?? [];
    },
    /** At most `count` that others have read and not done for a while. */
    async takeOver(count: number): Promise<Entry[]> {
      let from = '0-0';
      do {
        const reply: unknown = await redis.xautoclaim(
          stream,
          group,
          reader,
          abandonedAfter,
          from,
          'COUNT',
          count,
        );
        const [next, raw] = Value.Parse(ClaimSchema, reply);
        if (raw.length > 0) return toEntries(raw);
        from = next;
      } while (from !== '0-0');
      return [];
    },
    /** How often it was read or taken over, this time included. */
    async deliveries({ id }: Entry): Promise<number> {
      const reply: unknown = await redis.xpending(stream, group, id, id, 1);
      return Value.Parse(PendingSchema, reply)[0]?.[3] ?? 1;
    },
    /** Says that these are still being worked on. */
    async hold(entries: readonly Entry[]): Promise<void> {
      const ids = entries.map(({ id }) => id);
      if (ids.length > 0) await redis.xclaim(stream, group, reader, 0, ...ids, 'JUSTID');
    },
    /** Leaves them to whoever asks next, as if they had never been read. */
    async giveBack(entries: readonly Entry[]): Promise<void> {
      const ids = entries.map(({ id }) => id);
      if (ids.length === 0) return;
      await redis.xclaim(stream, group, reader, 0, ...ids, 'IDLE', abandonedAfter, 'RETRYCOUNT', 0, 'JUSTID');
    },
    async done(entries: readonly Entry[]): Promise<void> {
      if (entries.length > 0) await redis.xack(stream, group, ...entries.map(({ id }) => id));
    },
    /** Forgets readers that are gone and left nothing. */
    async forgetGone(): Promise<void> {
      const readers: unknown = await redis.xinfo('CONSUMERS', stream, group);
      for (const it of Value.Parse(GroupsSchema, readers)) {
        const name = it[it.indexOf('name') + 1];
        if (typeof name !== 'string' || valueIn(it, 'pending') > 0 || valueIn(it, 'idle') < GONE) continue;
        await redis.xgroup('DELCONSUMER', stream, group, name);
      }
    },
    async leave(): Promise<void> {
      const pending: unknown = await redis.xpending(stream, group, '-', '+', 1, reader);
      // With what it has read it would take away that somebody else may do it.
      if (Array.isArray(pending) && pending.length === 0) {
        await redis.xgroup('DELCONSUMER', stream, group, reader);
      }
    },
  };
}
export type StreamReader<Event> = ReturnType<typeof createStreamReader<Event>>;

/** How far the readers of a group are behind, together. */
export async function groupState(
  redis: Redis,
  { stream, group }: { stream: string; group: string },
): Promise<{ unread: number; unfinished: number }> {
  const groups: unknown = await redis.xinfo('GROUPS', stream);
  const state = Value.Parse(GroupsSchema, groups).find((it) => it.includes(group)) ?? [];
  return { unread: valueIn(state, 'lag'), unfinished: valueIn(state, 'pending') };
}
