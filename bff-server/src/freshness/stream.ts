import { CATALOGUE_STREAM, type CatalogueEvent } from '@doa-market/common/contracts';
import { catalogueEventIn } from '@doa-market/common/events';
import type { Redis } from '@doa-market/common/redis';
import { Type } from 'typebox';
import { Value } from 'typebox/value';

const GROUP = 'freshness';
/** Where events go whose caches could not be told. */
export const DEAD_STREAM = `${CATALOGUE_STREAM}:dead`;
const DEAD_LENGTH = 1_000;
const AT_ONCE = 1_000;
/** Milliseconds after which what somebody has read counts as abandoned; who works on it says so more often. */
const ABANDONED = 3_000;
/** Milliseconds after which a reader that has nothing to do counts as gone. */
const GONE = 3_600_000;

export interface Entry {
  id: string;
  /** Undefined where it is none by the contract. */
  event: CatalogueEvent | undefined;
}

const EntriesSchema = Type.Array(
  Type.Tuple([Type.String(), Type.Union([Type.Array(Type.String()), Type.Null()])]),
);
const ReadSchema = Type.Union([Type.Null(), Type.Array(Type.Tuple([Type.String(), EntriesSchema]))]);
const ClaimSchema = Type.Tuple([Type.String(), EntriesSchema, Type.Array(Type.String())]);
const GroupsSchema = Type.Array(Type.Array(Type.Union([Type.String(), Type.Number(), Type.Null()])));

const toEntries = (raw: [string, string[] | null][]): Entry[] =>
  raw.map(([id, fields]) => ({ id, event: fields ? catalogueEventIn(fields) : undefined }));

/** Pairs of names and values in one list. */
const valueIn = (list: readonly unknown[], name: string): number => Number(list[list.indexOf(name) + 1] ?? 0);

/**
 * The catalogue's events as one of several readers sees them: each event goes to one of them, and to another if that
 * one dies. `redis` is the reader's alone, since it waits on it.
 */
export function createStream(redis: Redis, reader: string) {
  return {
    /** Redis may have come back without it: then everything on the stream is read again, which does no harm. */
    async ensureGroup(): Promise<void> {
      await redis.xgroup('CREATE', CATALOGUE_STREAM, GROUP, '0', 'MKSTREAM').catch((error: unknown) => {
        if (!(error instanceof Error && error.message.startsWith('BUSYGROUP'))) throw error;
      });
    },
    /** What is new, after `wait` milliseconds at most; 0 does not wait. */
    async read(wait: number): Promise<Entry[]> {
      const reply: unknown =
        wait > 0
          ? await redis.xreadgroup(
              'GROUP',
              GROUP,
              reader,
              'COUNT',
              AT_ONCE,
              'BLOCK',
              wait,
              'STREAMS',
              CATALOGUE_STREAM,
              '>',
            )
          : await redis.xreadgroup(
              'GROUP',
              GROUP,
              reader,
              'COUNT',
              AT_ONCE,
              'STREAMS',
              CATALOGUE_STREAM,
              '>',
            );
      return Value.Parse(ReadSchema, reply)?.flatMap(([, raw]) => toEntries(raw)) ?? [];
    },
    /** What others have read and not done for a while. */
    async takeOver(): Promise<Entry[]> {
      const reply: unknown = await redis.xautoclaim(
        CATALOGUE_STREAM,
        GROUP,
        reader,
        ABANDONED,
        '0-0',
        'COUNT',
        AT_ONCE,
      );
      return toEntries(Value.Parse(ClaimSchema, reply)[1]);
    },
    /** Says that these are still being worked on. */
    async hold(entries: readonly Entry[]): Promise<void> {
      const ids = entries.map(({ id }) => id);
      if (ids.length > 0) await redis.xclaim(CATALOGUE_STREAM, GROUP, reader, 0, ...ids, 'JUSTID');
    },
    async done(entries: readonly Entry[]): Promise<void> {
      if (entries.length > 0) await redis.xack(CATALOGUE_STREAM, GROUP, ...entries.map(({ id }) => id));
    },
    /** Keeps what could not be done for somebody to look at. */
    async bury(entries: readonly Entry[], reason: string): Promise<void> {
      for (const { event } of entries) {
        const text = JSON.stringify(event ?? null);
        await redis.xadd(DEAD_STREAM, 'MAXLEN', '~', DEAD_LENGTH, '*', 'event', text, 'reason', reason);
      }
    },
    /** Forgets readers that are gone and left nothing. */
    async forgetGone(): Promise<void> {
      const readers: unknown = await redis.xinfo('CONSUMERS', CATALOGUE_STREAM, GROUP);
      for (const it of Value.Parse(GroupsSchema, readers)) {
        const name = it[it.indexOf('name') + 1];
        if (typeof name !== 'string' || valueIn(it, 'pending') > 0 || valueIn(it, 'idle') < GONE) continue;
        await redis.xgroup('DELCONSUMER', CATALOGUE_STREAM, GROUP, name);
      }
    },
    async leave(): Promise<void> {
      const pending: unknown = await redis.xpending(CATALOGUE_STREAM, GROUP, '-', '+', 1, reader);
      // With what it has read it would take away that somebody else may do it.
      if (Array.isArray(pending) && pending.length === 0) {
        await redis.xgroup('DELCONSUMER', CATALOGUE_STREAM, GROUP, reader);
      }
    },
  };
}
export type Stream = ReturnType<typeof createStream>;

/** How far the readers are behind, together. */
export async function groupState(redis: Redis): Promise<{ unread: number; unfinished: number }> {
  const groups: unknown = await redis.xinfo('GROUPS', CATALOGUE_STREAM);
  const group = Value.Parse(GroupsSchema, groups).find((it) => it.includes(GROUP)) ?? [];
  return { unread: valueIn(group, 'lag'), unfinished: valueIn(group, 'pending') };
}
