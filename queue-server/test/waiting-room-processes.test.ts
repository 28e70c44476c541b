import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { QueuePlace, QueueStats } from '@doa-market/common/contracts';
import { createLogger } from '@doa-market/common/logging';
import { connectRedis, createRedis, type Redis } from '@doa-market/common/redis';
import { type Authority, startAuthority, until } from '@doa-market/common/testing';
import { type ServerProcess, startServerProcess } from '@doa-market/scripts/server-process';
import { redisUrl, type TemporaryDatabase, temporaryDatabase } from '@doa-market/scripts/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Admissions } from '../src/waiting-room/history.ts';
import { keysOf } from '../src/waiting-room/keys.ts';
import { createLeaderStore } from '../src/waiting-room/leader-store.ts';

const SKEWED_CLOCK = fileURLToPath(new URL('./support/skewed-clock.mjs', import.meta.url));
const MEMBERS = 10;

let store: TemporaryDatabase;
let authority: Authority;
let redis: Redis;
/** One of them has a clock that is five minutes off, and jumps. */
let servers: ServerProcess[];

beforeAll(async () => {
  store = await temporaryDatabase(fileURLToPath(new URL('../prisma/migrations', import.meta.url)));
  authority = await startAuthority();
  redis = createRedis(redisUrl(), { name: 'test', logger: createLogger({ name: 'test', level: 'silent' }) });
  await connectRedis(redis);
  const environment = {
    LOG_LEVEL: 'warn',
    DATABASE_URL: store.url,
    REDIS_URL: redisUrl(),
    AUTH_SERVICE_URL: authority.url,
  };
  servers = await Promise.all([
    startServerProcess('queue-server', environment, { imports: [SKEWED_CLOCK] }),
    startServerProcess('queue-server', environment),
  ]);
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.kill()));
  redis.disconnect();
  await authority.close();
  await store.drop();
});

/** Valid for whoever is an hour off. */
const tokenOf = (role: string, subject: string) => {
  const now = Math.floor(Date.now() / 1_000);
  const claims = { iat: now - 3_600, nbf: now - 3_600, exp: now + 3_600 };
  return authority.token(role, subject, { claims });
};

/** As clients do, again while the answer is 503: on a busy machine Redis, too, is heard late. */
async function ask<T>(
  server: ServerProcess | undefined,
  token: string,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: T }> {
  const once = async () => {
    const response = await fetch(`${server?.url}/api/queue/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return response.status === 503
      ? undefined
      : { status: response.status, body: JSON.parse(text || 'null') };
  };
  return until(once, `${method} ${path} is answered`, 20_000);
}

async function stepsOf(eventId: string): Promise<Admissions[]> {
  const steps: Admissions[] = [];
  for await (const step of createLeaderStore(redis, eventId).admissionsAfter('0')) steps.push(step);
  return steps;
}

describe('two processes, one of which has a clock that is wrong and jumps', () => {
  it('let everybody in once and in order, also while the leader is stopped, and after it wakes up', async () => {
    const eventId = randomUUID();
    const admin = await tokenOf('ADMIN', randomUUID());
    await ask(servers[0], admin, 'PUT', eventId, { rate: 2 });
    const members = await Promise.all(Array.from({ length: MEMBERS }, () => tokenOf('MEMBER', randomUUID())));
    for (const [index, token] of members.entries()) {
      const { status, body } = await ask<QueuePlace>(servers[index % 2], token, 'POST', `${eventId}/enter`);
      expect([status, body.receipt]).toEqual([200, index + 1]);
      const [seconds] = await redis.time();
      expect(Math.abs(Date.parse(body.serverTime) - Number(seconds) * 1_000)).toBeLessThan(5_000);
    }
    await ask(servers[1], admin, 'POST', `${eventId}/open`);

    // The one with the wrong clock leads first.
    const name = async () => (await redis.get(keysOf(eventId).leader)) ?? '';
    const leads = (server: ServerProcess | undefined) => async () =>
      (await name()).includes(`-${server?.pid}-`);
    const [skewed, right] = servers;
    if (!(await leads(skewed)())) {
      process.kill(right?.pid ?? 0, 'SIGSTOP');
      await until(leads(skewed), 'the other one leads');
      process.kill(right?.pid ?? 0, 'SIGCONT');
    }

    const numbers = new Map<string, number>();
    const admitted = new Map<string, QueuePlace>();
    /** Everybody who is not in yet asks the first process that answers. */
    const poll = async (from: readonly (ServerProcess | undefined)[]) => {
      for (const [index, token] of members.entries()) {
        if (admitted.has(token)) continue;
        const { status, body } = await ask<QueuePlace>(
          from[index % from.length],
          token,
          'GET',
          `${eventId}/status`,
        );
        if (status === 429) continue;
        expect(status).toBe(200);
        if (body.number !== null) expect(numbers.get(token) ?? body.number).toBe(body.number);
        if (body.number !== null) numbers.set(token, body.number);
        if (body.place === 'ADMITTED') admitted.set(token, body);
      }
      return admitted.size;
    };
    await until(async () => (await poll(servers)) >= 2, 'the first two are let in', 15_000);

    process.kill(skewed?.pid ?? 0, 'SIGSTOP');
    const stoppedAt = performance.now();
    await until(leads(right), 'the other one leads', 15_000);
    expect(performance.now() - stoppedAt).toBeLessThan(8_000);
    const before = (await stepsOf(eventId)).length;
    await until(
      async () => (await poll([right])) && (await stepsOf(eventId)).length > before,
      'it goes on',
      15_000,
    );
    process.kill(skewed?.pid ?? 0, 'SIGCONT');
    await until(async () => (await poll(servers)) === MEMBERS, 'all are let in', 30_000);
    expect(await leads(right)()).toBe(true);

    const steps = await stepsOf(eventId);
    expect(steps.flatMap(({ called }) => called).toSorted((a, b) => a - b)).toEqual(
      members.map((_, index) => index + 1),
    );
    for (const [index, { from }] of steps.entries()) expect(from).toBe(steps[index - 1]?.to ?? 0);
    for (const [token, { admission, number }] of admitted) {
      expect(number).toBe(numbers.get(token));
      const [seconds] = await redis.time();
      const left = Date.parse(admission?.expiresAt ?? '') - Number(seconds) * 1_000;
      expect(left).toBeGreaterThan(500_000);
      expect(left).toBeLessThanOrEqual(601_000);
    }
    // Its next step, and no later one, tells it that it leads no more; that may be a moment after all were let in.
    await vi.waitFor(async () => {
      const figures = await (await fetch(`${skewed?.url}/metrics`)).text();
      expect(figures).toMatch(/^waiting_room_steps_total\{outcome="FENCED",.*\} 1$/m);
      expect(figures).toMatch(new RegExp(`^waiting_room_leader\\{event="${eventId}",.*\\} 0$`, 'm'));
    }, 5_000);
    // A picture is half a second old at most.
    await vi.waitFor(async () => {
      const stats = await ask<QueueStats>(right, admin, 'GET', `${eventId}/stats`);
      expect(stats.body).toMatchObject({ state: 'OPEN', entered: MEMBERS, waiting: 0, admitted: MEMBERS });
    }, 5_000);
    await ask(right, admin, 'DELETE', eventId);
  }, 90_000);
});
