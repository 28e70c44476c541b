import { randomUUID } from 'node:crypto';
import { createLogger } from '@doa-market/common/logging';
import { createMetrics } from '@doa-market/common/metrics';
import { connectRedis, createRedis } from '@doa-market/common/redis';
import { ROOMS } from '../../src/waiting-room/keys.ts';
import { PACE, type Pace } from '../../src/waiting-room/pace.ts';
import { createWaitingRoom } from '../../src/waiting-room/waiting-room.ts';

const logger = createLogger({ name: 'queue-server', level: 'silent' });

/** What product-server would say: as much as anybody wants, until a test says otherwise. */
export const plenty = () => ({ onSale: true, available: 100_000, held: 0, sold: 0 });

/**
 * Time that passes when it is told to, the same for Redis and for every process. It runs an hour ahead, so that what Redis
 * expires by itself outlives the test.
 */
export async function openVirtualTime(url: string) {
  const redis = createRedis(url, { name: 'virtual-time', logger });
  await connectRedis(redis);
  // Of an earlier test: it belongs to another time.
  await redis.del(ROOMS);
  const key = `test:clock:${randomUUID()}`;
  let now = Date.now() + 3_600_000;
  const say = () => redis.set(key, now * 1_000, 'EX', 3_600);
  await say();

  return {
    redis,
    now: () => now,
    async pass(milliseconds: number) {
      now += milliseconds;
      await say();
    },
    /** A prelude of the scripts, as clock.ts has one. */
    clock: `
local function micros() return tonumber(redis.call('GET', '${key}')) end
local function stamp() return string.format('%.0f-*', micros() / 1000) end
`,
    close: () => redis.disconnect(),
  };
}
export type VirtualTime = Awaited<ReturnType<typeof openVirtualTime>>;

/** One process of the waiting room, which looks and leads when it is told to. */
export async function openVirtualProcess(
  url: string,
  time: VirtualTime,
  { random = () => 0.5, ...pace }: Partial<Pace> & { random?: () => number } = {},
) {
  const redis = createRedis(url, { name: 'queue-server', logger });
  await connectRedis(redis);
  let stock = plenty();
  let away = false;
  const inventory = {
    async availability(eventId: string) {
      if (away) throw new Error('product-server is away');
      return { eventId, ...stock };
    },
  };
  const room = createWaitingRoom({
    ...{ redis, inventory, logger, metrics: createMetrics('queue-server') },
    ...{ clock: time.clock, elapsed: time.now, random, pace: { ...PACE, lease: 60_000, ...pace } },
  });
  return {
    ...room,
    redis,
    tellStock(next: Partial<typeof stock>) {
      stock = { ...stock, ...next };
    },
    breakStock() {
      away = true;
    },
    close: () => redis.disconnect(),
  };
}
export type VirtualProcess = Awaited<ReturnType<typeof openVirtualProcess>>;
