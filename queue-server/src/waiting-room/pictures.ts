import type { AnyRedis } from '@doa-market/common/redis';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { ROOMS } from './keys.ts';
import type { Pace } from './pace.ts';
import { createPicture, type OwnPicture, type PictureOptions } from './picture.ts';
import { reachable } from './reachable.ts';
import type { Reader } from './reader.ts';
import { noRoom } from './refusals.ts';
import type { Room } from './room.ts';
import { singleFile } from './single-file.ts';
import { toStats } from './stats.ts';
import type { Picture, Pictures, Restore } from './types.ts';

interface PicturesOptions extends PictureOptions {
  redis: AnyRedis;
  reader: Reader;
  pace: Pick<Pace, 'settle' | 'refresh'>;
  restore: Restore;
}

/** What renews the pictures, beside what asks them. */
export interface OwnPictures extends Pictures {
  own(eventId: string): OwnPicture | undefined;
  all(): Iterable<OwnPicture>;
  /** Finds the rooms that there are, and reads each of them. @throws {ProblemError} 503 */
  refreshAll(): Promise<void>;
  /** Says who was seen since the last time, and that this process is there to see. @throws {ProblemError} 503 */
  flushAll(): Promise<void>;
}

const ids = Compile(Type.Array(Type.String()));

/** The picture of each room that there is: one for each process. */
export function createPictures(options: PicturesOptions): OwnPictures {
  const { redis, reader, pace, restore, elapsed = () => performance.now() } = options;
  const known = new Map<string, OwnPicture>();
  const files = new Map<string, () => Promise<OwnPicture | undefined>>();
  const absent = new Map<string, number>();

  async function read(eventId: string): Promise<OwnPicture | undefined> {
    const own = known.get(eventId);
    const before = own?.picture.room;
    own?.beginRead();
    let reading = await reader.read(eventId, before);
    if (reading && before && hasForgotten(before, reading.room)) {
      await restore(eventId, before);
      reading = await reader.read(eventId, undefined);
    }
    if (!reading) {
      known.delete(eventId);
      files.delete(eventId);
      absent.set(eventId, elapsed() + pace.refresh);
      return undefined;
    }
    if (own) {
      own.take(reading);
      return own;
    }
    const made = createPicture(eventId, reading, options);
    known.set(eventId, made);
    absent.delete(eventId);
    return made;
  }

  function readInTurn(eventId: string): Promise<OwnPicture | undefined> {
    let file = files.get(eventId);
    if (!file) {
      file = singleFile(() => read(eventId));
      files.set(eventId, file);
    }
    return file();
  }

  const pictureOf = async (reading: Promise<OwnPicture | undefined>): Promise<Picture | undefined> =>
    (await reading)?.picture;

  async function flush(own: OwnPicture): Promise<void> {
    // An empty room has nobody to be seen; who comes next is seen from then on.
    if (own.picture.waiting === 0) return;
    const seen = own.takeSeen();
    try {
      await reader.flush(own.picture.eventId, own.picture.room, seen);
    } catch (error) {
      own.giveBackSeen(seen);
      throw error;
    }
  }

  return {
    own: (eventId) => known.get(eventId),
    all: () => known.values(),
    find: (eventId) => known.get(eventId)?.picture,

    async load(eventId) {
      const there = known.get(eventId);
      if (there) return there.picture;
      const until = absent.get(eventId);
      if (until !== undefined && until > elapsed()) return undefined;
      return pictureOf(readInTurn(eventId));
    },
    refresh: (eventId) => pictureOf(readInTurn(eventId)),

    async stats(eventId) {
      const own = known.get(eventId) ?? (await readInTurn(eventId));
      if (!own) throw noRoom();
      return toStats(own);
    },

    async refreshAll() {
      for (const [eventId, until] of absent) if (until <= elapsed()) absent.delete(eventId);
      const listing = reachable(redis.smembers(ROOMS)).then((answer) => ids.Parse(answer));
      const listed = await listing.catch(() => []);
      const due = new Set([...listed.filter((id) => !absent.has(id)), ...known.keys()]);
      // In a cluster the list may be away where the rooms are not: those that are known are read all the same.
      await allOrThrow([listing, ...[...due].map(readInTurn)]);
    },
    flushAll: () => allOrThrow([...known.values()].map(flush)),
  };
}

/** A Redis that came back without its last moments: counters only go up. */
const hasForgotten = (before: Room, now: Room): boolean =>
  now.incarnation === before.incarnation &&
  (now.arrivals < before.arrivals ||
    now.cursor < before.cursor ||
    (before.draw !== null && now.draw === null));

/** All of them are tried, whatever becomes of the first. */
async function allOrThrow(work: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
