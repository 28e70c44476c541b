import { createHash } from 'node:crypto';
import type { Redis } from '@doa-market/common/redis';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';

/** Milliseconds that a claim lasts which no hold has followed yet: longer than a transaction can take. */
const PENDING = 10_000;
/** Milliseconds after which somebody may ask the database again whether a sold seat is sold. */
const SOLD_MEMORY = 60_000;
/** Milliseconds that a Redis that failed is left alone: who waits for it waits for nothing. */
const PAUSE = 1_000;

const SOLD = 'sold';

/** KEYS seats. ARGV token, milliseconds. All of them or none; answers the numbers of those that somebody else has. */
const CLAIM = `
local taken = {}
for i, key in ipairs(KEYS) do
  local token = redis.call('GET', key)
  if token and token ~= ARGV[1] then taken[#taken + 1] = i end
end
if #taken > 0 then return taken end
for _, key in ipairs(KEYS) do
  if redis.call('PTTL', key) < tonumber(ARGV[2]) then redis.call('SET', key, ARGV[1], 'PX', ARGV[2]) end
end
return taken
`;

/** KEYS seats. ARGV token, milliseconds, then whose each seat is: where nobody or the first has it. */
const KEEP = `
for i, key in ipairs(KEYS) do
  local token = redis.call('GET', key)
  if not token or token == ARGV[1] then redis.call('SET', key, ARGV[i + 2], 'PX', ARGV[2]) end
end
return {}
`;

/** KEYS seats. ARGV token, milliseconds: whoever has them. */
const WRITE = `
for _, key in ipairs(KEYS) do redis.call('SET', key, ARGV[1], 'PX', ARGV[2]) end
return {}
`;

/** KEYS seats. ARGV token, milliseconds. Of one's own: not for longer than this. */
const LIMIT = `
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] and redis.call('PTTL', key) > tonumber(ARGV[2]) then
    redis.call('PEXPIRE', key, ARGV[2])
  end
end
return {}
`;

/** KEYS seats. ARGV token. */
const DROP = `
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
end
return {}
`;

const numbers = Compile(Type.Array(Type.Integer()));

interface Seats {
  eventId: string;
  seatIds: readonly string[];
}

/**
 * Stands in front of the seats, so that thousands who want one at the same moment never reach the database: one of
 * them does. It only knows who came first; whose a seat is, the database says. A key that is lost lets somebody
 * through who is refused there, and a key that is left behind ends by itself.
 */
export function createSeatGate(redis: Redis) {
  let pausedUntil = Number.NEGATIVE_INFINITY;

  async function run(script: string, { eventId, seatIds }: Seats, ...args: (string | number)[]) {
    if (seatIds.length === 0 || performance.now() < pausedUntil) return [];
    // One slot of a cluster for all seats of an event.
    const keys = seatIds.map((id) => `seat:hold:{${eventId}}:${id}`);
    try {
      return numbers.Parse(await redis.eval(script, keys.length, ...keys, ...args));
    } catch {
      // Its connection says on /ready and in the log that it is away.
      pausedUntil = performance.now() + PAUSE;
      return [];
    }
  }

  return {
    /** The seats that somebody else was faster at; none of them is claimed then. Without Redis that is nobody. */
    async claim(seats: Seats, token: string): Promise<string[]> {
      const taken = await run(CLAIM, seats, token, PENDING);
      return taken.flatMap((number) => seats.seatIds[number - 1] ?? []);
    },
    /** Keeps what the claimer has for `time` milliseconds. */
    hold: (seats: Seats, token: string, time: number) =>
      run(KEEP, seats, token, lasting(time), ...seats.seatIds.map(() => token)),
    /** Puts whoever has a seat in place of the claimer, who was refused it. */
    correct: (seats: Seats, token: string, holder: string, time: number) =>
      run(KEEP, seats, token, lasting(time), ...seats.seatIds.map(() => holder)),
    sell: (seats: Seats) => run(WRITE, seats, SOLD, SOLD_MEMORY),
    /** Before they are dropped: whoever is killed between leaves them for seconds alone. */
    beforeDrop: (seats: Seats, token: string) => run(LIMIT, seats, token, PENDING),
    drop: (seats: Seats, token: string) => run(DROP, seats, token),
    /** The same of what was sold. */
    beforeReturn: (seats: Seats) => run(LIMIT, seats, SOLD, PENDING),
    takeBack: (seats: Seats) => run(DROP, seats, SOLD),
  };
}
export type SeatGate = ReturnType<typeof createSeatGate>;

const lasting = (time: number): number => Math.max(1, Math.round(time));

/** Who claims: the same for the same hold, however often and wherever it is asked for. */
export const tokenOf = ({ owner, key }: { owner: string; key: string }): string =>
  createHash('sha256').update(`${owner.length}:${owner}${key}`).digest('base64url');
