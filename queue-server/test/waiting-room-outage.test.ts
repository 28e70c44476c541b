import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QueuePlace } from '@doa-market/common/contracts';
import { type Authority, startAuthority, until } from '@doa-market/common/testing';
import { type Redis, startRedis } from '@doa-market/scripts/redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keysOf } from '../src/waiting-room/keys.ts';
import { type Member, newMember, newMembers, openProcess, type Process } from './support/waiting-room.ts';

let authority: Authority;
let folder: string;
let server: Redis;
let one: Process;
let other: Process;
let eventId: string;
let members: Member[];
/** What the processes take for the time that has passed: nobody has to wait for the next poll. */
let time = 0;

beforeAll(async () => {
  authority = await startAuthority();
  folder = await mkdtemp(join(tmpdir(), 'doa-waiting-room-'));
  server = await startRedis({ dataDir: join(folder, 'redis'), durable: true });
  const elapsed = () => time;
  [one, other] = await Promise.all([
    openProcess(server.url, authority, { elapsed }),
    openProcess(server.url, authority, { elapsed }),
  ]);
});
afterAll(async () => {
  await Promise.all([one.close(), other.close()]);
  await authority.close();
  await server.stop();
  await rm(folder, { recursive: true });
});

beforeEach(async () => {
  eventId = randomUUID();
  await one.put(eventId);
  members = await newMembers(authority, 6);
  for (const member of members) expect((await one.enter(eventId, member)).statusCode).toBe(200);
  await one.tell(eventId, 'open');
  await refresh();
});
afterEach(async () => {
  await one.remove(eventId);
});

const refresh = () => Promise.all([one, other].map((it) => it.pictures.refresh(eventId)));
const room = () => keysOf(eventId).room;

/** What each of those who wait is told by a process. */
async function poll(it: Process): Promise<Partial<QueuePlace>[]> {
  time += 60_000;
  const answers = await Promise.all(members.map((member) => it.status(eventId, member)));
  return answers.map((answer) => {
    expect(answer.statusCode, answer.body).toBe(200);
    const { place, receipt, number, position, admission } = answer.json<QueuePlace>();
    return { place, receipt, number, position, admission };
  });
}

const isBack = (it: Process) => until(() => it.redis.ping(), 'the connection');

/** What a Redis that has just come back does: other processes may know more than it does. */
async function letSettle(): Promise<void> {
  await one.redis.hset(room(), 'settledAt', 0);
}

describe('a Redis that is killed', () => {
  it('loses no place, no number and no token, and whoever waits is told so all the time', async () => {
    await one.call(eventId, 2);
    await other.pictures.refresh(eventId);
    const before = await poll(one);
    expect(before.filter(({ place }) => place === 'ADMITTED')).toHaveLength(2);
    const waiting = members.filter((_, at) => before[at]?.place === 'WAITING');
    process.kill(server.pid, 'SIGKILL');
    await server.exited;

    const newcomer = await newMember(authority);
    const refused = await one.enter(eventId, newcomer);
    expect(refused.statusCode).toBe(503);
    expect(refused.json()).toMatchObject({ code: 'SYS_5003' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    time += 60_000;
    for (const member of waiting) {
      const answer = await one.status(eventId, member);
      expect(answer.statusCode).toBe(200);
      expect(before).toContainEqual(expect.objectContaining({ number: answer.json<QueuePlace>().number }));
    }

    server = await startRedis({ dataDir: join(folder, 'redis'), durable: true, port: server.port });
    await Promise.all([isBack(one), isBack(other)]);
    await refresh();
    expect(await poll(one)).toEqual(before);
    expect(await poll(other)).toEqual(before);
    // Whoever has a place enters as ever; a new one is given when every process has said what it knows.
    expect((await other.enter(eventId, members[0] ?? newcomer)).statusCode).toBe(200);
    expect((await one.enter(eventId, newcomer)).statusCode).toBe(503);
    await letSettle();
    expect((await other.enter(eventId, newcomer)).json()).toMatchObject({ receipt: 7, number: 7 });
  });
});

describe('a Redis that has lost its last second', () => {
  it('is told what this process knows, and gives no number twice', async () => {
    const before = await poll(one);
    const draw = (await one.redis.hmget(room(), 'seed', 'drawSize', 'openedAt')).join();
    const late = members.slice(4);
    const forget = async () => {
      await one.redis.hset(room(), {
        ...{ arrivals: 4, cursor: 0, seed: '', drawSize: 0, openedAt: '', state: 'PRE_QUEUE' },
      });
      await one.redis.hdel(keysOf(eventId).places, ...late.map(({ id }) => id));
    };
    await one.call(eventId, 1);
    await other.pictures.refresh(eventId);

    await forget();
    // Even before it has been told.
    const newcomer = await other.enter(eventId, await newMember(authority));
    expect(newcomer.json<QueuePlace>().receipt).toBe(7);

    await forget();
    await one.pictures.refresh(eventId);
    expect((await one.redis.hmget(room(), 'seed', 'drawSize', 'openedAt')).join()).toBe(draw);
    expect(await one.redis.hmget(room(), 'arrivals', 'cursor', 'state')).toEqual(['6', '1', 'OPEN']);
    await other.pictures.refresh(eventId);
    const after = await poll(other);
    expect(after.map(({ receipt, number }) => [receipt, number])).toEqual(
      before.map(({ receipt, number }) => [receipt, number]),
    );
  });

  it('gives no new place to a process that knows less than another one, before both had the time to say', async () => {
    await one.redis.hset(room(), 'run', 'the one before');
    const newcomer = await newMember(authority);
    const refused = await other.enter(eventId, newcomer);
    expect(refused.statusCode).toBe(503);
    expect(refused.headers['retry-after']).toBe('3');
    expect((await other.enter(eventId, members[0] ?? newcomer)).json()).toMatchObject({ receipt: 1 });
    expect((await one.enter(eventId, newcomer)).statusCode).toBe(503);
    await letSettle();
    expect((await one.enter(eventId, newcomer)).json()).toMatchObject({ receipt: 7 });
  });
});

describe('a Redis that hangs', () => {
  it('keeps nobody waiting: who enters is refused soon, who waits is answered at once', async () => {
    const before = await poll(one);
    process.kill(server.pid, 'SIGSTOP');
    try {
      const startedAt = performance.now();
      expect((await one.enter(eventId, await newMember(authority))).statusCode).toBe(503);
      expect((await one.leave(eventId, members[0] ?? { id: '', token: '' })).statusCode).toBe(503);
      expect(performance.now() - startedAt).toBeLessThan(2_500);
      expect(await poll(one)).toEqual(before);
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
    await isBack(one);
    await until(() => one.pictures.refresh(eventId), 'the next picture');
    expect((await one.enter(eventId, await newMember(authority))).statusCode).toBe(200);
  });
});
