import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { announceEnding, createRevocationCheck } from '@doa-market/common/auth';
import { createLogger } from '@doa-market/common/logging';
import { connectRedis, createRedis, type Redis } from '@doa-market/common/redis';
import { type Redis as Server, startRedis } from '@doa-market/scripts/redis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

let folder: string;
let server: Server;
let redis: Redis;
let lines: string[];
let clock: number;
let isRevoked: ReturnType<typeof createRevocationCheck>;

const checkWith = (options: { capacity?: number } = {}) => {
  const logger = createLogger({ name: 'test', level: 'info' }, { write: (line) => lines.push(line) });
  return createRevocationCheck({ redis, logger, now: () => clock, ...options });
};
async function revoke(sid: string) {
  await announceEnding(redis, sid);
  await redis.set(`revoked:sid:${sid}`, 1);
}
/** How often Redis was asked whether something exists. */
async function questions(): Promise<number> {
  const stats = await redis.info('commandstats');
  return Number(/cmdstat_exists:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doa-revocation-'));
  server = await startRedis({ dataDir: join(folder, 'redis') });
  lines = [];
  clock = 0;
  const logger = createLogger({ name: 'test', level: 'silent' });
  redis = createRedis(server.url, { name: 'test', logger, timeout: 200 });
  await connectRedis(redis);
  isRevoked = checkWith();
});
afterEach(async () => {
  redis.disconnect();
  await server.stop();
  await rm(folder, { recursive: true });
});

describe('the check for ended sessions', () => {
  it('knows within a second that a session was ended', async () => {
    const sid = randomUUID();
    expect(await isRevoked(sid)).toBe(false);
    await revoke(sid);
    clock = 999;
    expect(await isRevoked(sid)).toBe(true);
  });

  it('asks nothing about sessions whose end was not announced', async () => {
    await Promise.all(Array.from({ length: 100 }, () => isRevoked(randomUUID())));
    expect(await questions()).toBe(0);
    expect(isRevoked.atOnce(randomUUID())).toBe(false);
  });

  it('finds a session open that was announced and not ended, as when auth-server is killed in between', async () => {
    const sid = randomUUID();
    await announceEnding(redis, sid);
    expect(await isRevoked(sid)).toBe(false);
    await redis.set(`revoked:sid:${sid}`, 1);
    clock = 999;
    expect(await isRevoked(sid)).toBe(true);
  });

  it('knows all that were announced before it was made', async () => {
    const sids = Array.from({ length: 2_500 }, () => randomUUID());
    for (const sid of sids) await announceEnding(redis, sid);
    const asked = [0, 1_000, 2_499].map((index) => sids[index] ?? '');
    for (const sid of asked) await redis.set(`revoked:sid:${sid}`, 1);
    const late = checkWith();
    for (const sid of asked) expect(await late(sid)).toBe(true);
  });

  it('asks twice a second for a session that is busy and was announced, however many ask at once', async () => {
    const sid = randomUUID();
    await announceEnding(redis, sid);
    await Promise.all(Array.from({ length: 100 }, () => isRevoked(sid)));
    clock = 499;
    await isRevoked(sid);
    expect(await questions()).toBe(1);
    clock = 500;
    await isRevoked(sid);
    expect(await questions()).toBe(2);
  });

  it('remembers as many answers as it may, and no more', async () => {
    const small = checkWith({ capacity: 2 });
    for (const sid of ['a', 'b', 'c']) await announceEnding(redis, sid);
    for (const sid of ['a', 'b', 'c', 'c', 'b']) await small(sid);
    expect(await questions()).toBe(3);
    await small('a');
    expect(await questions()).toBe(4);
  });

  it('counts a session as open while Redis is away, or as ended if it was, and says so once', async () => {
    const [open, ended] = [randomUUID(), randomUUID()];
    await revoke(ended);
    expect(await isRevoked(ended)).toBe(true);
    await server.stop();
    for (clock = 1_000; clock < 20_000; clock += 500) {
      expect(await isRevoked(open)).toBe(false);
      expect(await isRevoked(ended)).toBe(true);
      expect(await isRevoked(randomUUID())).toBe(false);
    }
    expect(lines.filter((line) => line.includes('cannot be checked'))).toHaveLength(1);
    server = await startRedis({ dataDir: join(folder, 'redis'), port: server.port });
  });

  it('makes one request a second wait for a Redis that hangs, and no other', async () => {
    const sid = randomUUID();
    await revoke(sid);
    await isRevoked(randomUUID());
    await redis.client('PAUSE', 1_500, 'ALL');
    expect(await isRevoked(sid)).toBe(false);
    const crowd = async () => {
      const startedAt = performance.now();
      await Promise.all(Array.from({ length: 500 }, () => isRevoked(randomUUID())));
      return performance.now() - startedAt;
    };
    expect(await crowd()).toBeLessThan(150);
    clock = 1_100;
    const probe = isRevoked(sid);
    expect(await crowd()).toBeLessThan(150);
    expect(await probe).toBe(false);
    await vi.waitUntil(
      () => {
        clock += 1_100;
        return isRevoked(sid);
      },
      { timeout: 5_000 },
    );
  });
});
