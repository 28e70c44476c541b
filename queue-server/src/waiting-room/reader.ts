import { type AnyRedis, createBinaryScript, createScript } from '@doa-market/common/redis';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { REDIS_CLOCK } from './clock.ts';
import { keysOf } from './keys.ts';
import { FLUSH, READ } from './leader-scripts.ts';
import { pack } from './packed.ts';
import type { Bitmaps } from './positions.ts';
import { reachable } from './reachable.ts';
import { parseRoom, type Room } from './room.ts';

export interface Reading {
  /** Milliseconds since 1970 on Redis' clock. */
  at: number;
  /** Fencing token and name of who leads; empty where nobody does. */
  leader: string;
  room: Room;
  /** Null where the reader has them already. */
  bitmaps: Bitmaps | null;
}

const bytes = Type.Unsafe<Uint8Array>(Type.Refine(Type.Unknown(), (value) => value instanceof Uint8Array));
const ReadSchema = Compile(
  Type.Union([
    Type.Tuple([bytes, bytes, Type.Array(bytes)]),
    Type.Tuple([bytes, bytes, Type.Array(bytes), bytes, bytes, bytes]),
  ]),
);
const flag = Compile(Type.Integer());

/** What every process reads and writes of the rooms that it has a picture of. @throws {ProblemError} 503 from both verbs */
export function createReader(redis: AnyRedis, clock = REDIS_CLOCK) {
  const read = createBinaryScript(redis, clock + READ);
  const flush = createScript(redis, clock + FLUSH);

  return {
    /** Undefined where there is no room. */
    async read(
      eventId: string,
      known: Pick<Room, 'version' | 'incarnation'> | undefined,
    ): Promise<Reading | undefined> {
      const { room: key, gone, missed, claimed, leader: lead } = keysOf(eventId);
      const keys = [key, gone, missed, claimed, lead];
      const answer = await reachable(read(keys, [known?.version ?? '', known?.incarnation ?? '']));
      const [micros, leader, fields, ...bitmaps] = ReadSchema.Parse(answer);
      const texts = fields.map(textOf);
      const pairs = texts.flatMap((name, at) => (at % 2 === 0 ? [[name, texts[at + 1]]] : []));
      const room = parseRoom(Object.fromEntries(pairs));
      if (!room) return undefined;
      return {
        at: Number(textOf(micros)) / 1_000,
        leader: textOf(leader),
        room,
        bitmaps: bitmaps.length === 3 ? { gone: bitmaps[0], missed: bitmaps[1], claimed: bitmaps[2] } : null,
      };
    },

    /**
     * Says for the leader who was seen, and that this process is there to see.
     * @param seen after how many seconds each receipt was told to come again
     * @returns whether the room is still that one
     */
    async flush(
      eventId: string,
      { incarnation, arrivals }: Room,
      seen: ReadonlyMap<number, number>,
    ): Promise<boolean> {
      const { room, presence } = keysOf(eventId);
      const answer = await reachable(flush([room, presence], [incarnation, arrivals, pack(seen)]));
      return flag.Parse(answer) === 1;
    },
  };
}
export type Reader = ReturnType<typeof createReader>;

const textOf = (value: Uint8Array): string => Buffer.from(value).toString('utf8');
