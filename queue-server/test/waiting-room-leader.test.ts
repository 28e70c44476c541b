import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { QueueSettings } from '@doa-market/common/contracts';
import { redisUrl } from '@doa-market/scripts/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keysOf } from '../src/waiting-room/keys.ts';
import { createLeaderStore } from '../src/waiting-room/leader-store.ts';
import type { Plan } from '../src/waiting-room/plan.ts';
import {
  openVirtualProcess,
  openVirtualTime,
  type VirtualProcess,
  type VirtualTime,
} from './support/virtual-rooms.ts';

let time: VirtualTime;
let one: VirtualProcess;
let other: VirtualProcess;
let eventId: string;

beforeAll(async () => {
  time = await openVirtualTime(redisUrl());
});
afterAll(() => time.close());

beforeEach(async () => {
  eventId = randomUUID();
  [one, other] = await Promise.all([
    openVirtualProcess(redisUrl(), time),
    openVirtualProcess(redisUrl(), time),
  ]);
});
afterEach(async () => {
  await one.rooms.remove(eventId);
  one.close();
  other.close();
});

const room = () => time.redis.hgetall(keysOf(eventId).room);
const cursor = async () => Number((await room())['cursor']);
const look = () => Promise.all([one.pictures.refreshAll(), other.pictures.refreshAll()]);

/** A room with members who have all been seen, called from now on if it is open. */
async function newRoom(members: number, settings: QueueSettings = {}, open = true): Promise<string[]> {
  await one.rooms.put(eventId, { rate: 10, ...settings });
  const ids = Array.from({ length: members }, () => randomUUID());
  for (const id of ids) await one.queue.enter(eventId, id);
  if (open) {
    await one.rooms.open(eventId);
    await time.redis.hset(keysOf(eventId).room, 'openedAt', time.now() - 3_000);
  }
  await look();
  await one.pictures.flushAll();
  return ids;
}

/** Polls, if that is welcome, and takes a turn that has come. */
async function come(member: string, by: VirtualProcess): Promise<void> {
  try {
    await by.queue.status(eventId, member);
  } catch (error) {
    expect(error).toMatchObject({ code: 'QUE_4290' });
  }
}

/** Seconds in which everybody comes when told to. */
async function pass(seconds: number, present: readonly string[] = [], by = one): Promise<void> {
  for (let tick = 0; tick < seconds * 4; tick += 1) {
    await time.pass(250);
    if (tick % 4 === 3) {
      for (const member of present) await come(member, by);
      await by.pictures.flushAll();
    }
    await by.leadership.step();
  }
  await look();
}

describe('a leader', () => {
  it('is one of the processes, and another one once the lease has ended', async () => {
    await newRoom(0);
    await one.leadership.step();
    await look();
    await other.leadership.step();
    expect([one.leadership.leads(eventId), other.leadership.leads(eventId)]).toEqual([true, false]);

    await time.redis.del(keysOf(eventId).leader);
    await look();
    await other.leadership.step();
    await one.leadership.step();
    expect([one.leadership.leads(eventId), other.leadership.leads(eventId)]).toEqual([false, true]);
    await look();
    expect((await other.pictures.stats(eventId)).leader).toMatch(/^2:/);
  });

  it('that was away while another one led changes nothing when it wakes up, whatever it believes', async () => {
    const members = await newRoom(40);
    const paused = createLeaderStore(time.redis, eventId, time.clock);
    const leader = await paused.acquire('paused', 60_000);
    await time.redis.del(keysOf(eventId).leader);
    await look();
    await pass(1, members, other);
    expect(await cursor()).toBeGreaterThan(0);

    const before = await time.redis.dump(keysOf(eventId).room);
    const { incarnation = '', cursor: at } = await room();
    const plan: Plan = {
      ...{ from: Number(at), to: 40, recall: [], overdue: [1], lost: [2, 3], present: 1 },
      walk: [[Number(at) + 1, 5, 1]],
    };
    const lead = { leader: leader ?? '', lease: 60_000, incarnation };
    const measures = { measured: 0, reached: null };
    expect(await paused.step(lead, plan, measures, null)).toBe('FENCED');
    expect(await time.redis.dump(keysOf(eventId).room)).toEqual(before);
    expect(await time.redis.exists(keysOf(eventId).gone, keysOf(eventId).missed)).toBe(0);
  });

  it('whose plan was made for another cursor, or another room, does nothing', async () => {
    await newRoom(10);
    const store = createLeaderStore(time.redis, eventId, time.clock);
    const leader = (await store.acquire('late', 60_000)) ?? '';
    const { incarnation = '' } = await room();
    const plan = { from: 3, to: 4, recall: [], overdue: [], lost: [], present: 0, walk: [] };
    const measures = { measured: 0, reached: null };
    expect(await store.step({ leader, lease: 60_000, incarnation }, plan, measures, null)).toBe('STALE');
    const elsewhere = { leader, lease: 60_000, incarnation: randomUUID() };
    expect(await store.step(elsewhere, { ...plan, from: 0 }, measures, null)).toBe('STALE');
    expect(await cursor()).toBe(0);
  });

  it('opens when it is time, once, and calls nobody in the first seconds', async () => {
    const opensAt = new Date(time.now() + 2_000).toISOString();
    const members = await newRoom(5, { opensAt }, false);
    await pass(1);
    expect((await room())['state']).toBe('PRE_QUEUE');
    await pass(2);
    const { state, seed } = await room();
    expect([state, seed?.length, await cursor()]).toEqual(['OPEN', 64, 0]);
    await pass(3, members);
    expect([await cursor(), (await room())['seed']]).toEqual([5, seed]);
  });
});

describe('calls', () => {
  it('stop while nothing can be held, end when nothing is held either, and go on when something comes back', async () => {
    const members = await newRoom(60);
    one.tellStock({ available: 0, held: 4 });
    await pass(4, members);
    const called = await cursor();
    await pass(2, members);
    expect([await cursor(), (await room())['state']]).toEqual([called, 'OPEN']);
    expect((await one.pictures.stats(eventId)).remaining).toBe(0);

    one.tellStock({ held: 0 });
    await pass(4, members);
    expect((await room())['state']).toBe('SOLD_OUT');
    await expect(one.queue.enter(eventId, randomUUID())).rejects.toMatchObject({ code: 'QUE_4100' });

    one.tellStock({ available: 9 });
    await pass(4, members);
    expect((await room())['state']).toBe('OPEN');
    expect(await cursor()).toBeGreaterThan(called);
  });

  it('go on with the last word of a product-server that is away', async () => {
    const members = await newRoom(60);
    await pass(2, members);
    one.breakStock();
    const called = await cursor();
    await pass(4, members);
    expect(await cursor()).toBeGreaterThan(called + 30);
  });

  it('follow a rate that is changed while they go on', async () => {
    const members = await newRoom(200);
    await pass(4, members);
    const slow = await cursor();
    await one.rooms.put(eventId, { rate: 30 });
    await pass(4, members);
    const fast = (await cursor()) - slow;
    expect(slow).toBeLessThanOrEqual(4 * 10 + 10);
    expect(fast).toBeGreaterThanOrEqual(110);
    expect(fast).toBeLessThanOrEqual(4 * 30 + 30);
    await one.rooms.put(eventId, { rate: 1 });
    const before = await cursor();
    await pass(4, members);
    expect((await cursor()) - before).toBeLessThanOrEqual(5);
  });

  it('go past who is not there at no cost, and come back to who returns within the grace', async () => {
    const members = await newRoom(30, { rate: 4, graceSeconds: 90 });
    const numberOf = (member: string) =>
      one.pictures.find(eventId)?.numberOf(members.indexOf(member) + 1) ?? 0;
    const byNumber = [...members].sort((a, b) => numberOf(a) - numberOf(b));
    const there = byNumber.slice(20);
    const silent = byNumber.slice(0, 20);
    await one.rooms.pause(eventId);
    await pass(45, there);
    await one.rooms.resume(eventId);
    await pass(8, there);
    // Twenty who are silent were before them, and took nothing of their time.
    expect(await one.pictures.stats(eventId)).toMatchObject({ missed: 20, admitted: 10 });

    await pass(6, [silent[7] ?? '', silent[3] ?? '']);
    expect(await one.pictures.stats(eventId)).toMatchObject({ missed: 18, admitted: 12 });
    await pass(40, [silent[9] ?? '']);
    expect(await one.pictures.stats(eventId)).toMatchObject({ missed: 0, gone: 17, admitted: 13 });
    await expect(one.queue.status(eventId, silent[0] ?? '')).rejects.toMatchObject({ code: 'QUE_4041' });
  });
});

describe('a page in the background', () => {
  it('that may ask once a minute alone is let in all the same', async () => {
    const [member = ''] = await newRoom(1, { graceSeconds: 300 });
    await one.rooms.pause(eventId);
    await pass(60);
    await one.rooms.resume(eventId);
    await pass(5);
    const asked = [];
    for (let minute = 0; minute < 2; minute += 1) {
      asked.push((await one.queue.status(eventId, member)).place);
      await one.pictures.flushAll();
      await pass(60, []);
    }
    asked.push((await one.queue.status(eventId, member)).place);
    expect(asked).toEqual(['WAITING', 'ADMITTED', 'ADMITTED']);
  });
});

describe('settings', () => {
  it('of a room take effect at once: how many may wait, and for how long they may be away', async () => {
    await newRoom(3, { capacity: 3, graceSeconds: 3_600 }, false);
    await expect(one.queue.enter(eventId, randomUUID())).rejects.toMatchObject({ code: 'QUE_5030' });
    await one.rooms.put(eventId, { capacity: 4 });
    await expect(one.queue.enter(eventId, randomUUID())).resolves.toMatchObject({ receipt: 4 });

    await pass(60);
    expect((await room())['gone']).toBe('0');
    await one.rooms.put(eventId, { graceSeconds: 30 });
    await pass(1);
    expect((await room())['gone']).toBe('4');
    await expect(one.queue.enter(eventId, randomUUID())).resolves.toMatchObject({ receipt: 5 });
  });
});

describe('the picture', () => {
  it('knows what time it is on the clock of Redis from the first look on', async () => {
    await newRoom(1, {}, false);
    const newcomer = await openVirtualProcess(redisUrl(), time);
    const picture = await newcomer.pictures.load(eventId);
    expect(picture?.now()).toBe(time.now());
    await time.pass(700);
    expect(picture?.now()).toBe(time.now());
    newcomer.close();
  });

  it('of every process says the same, soon after one of them has changed something', async () => {
    const members = await newRoom(20);
    await one.queue.leave(eventId, members[4] ?? '');
    await pass(1);
    for (const receipt of members.keys()) {
      const [mine, its] = [one, other].map(({ pictures }) => pictures.find(eventId)?.positionOf(receipt + 1));
      expect(its).toBe(mine);
    }
  });

  it('stays as it was while Redis is away, and is true again afterwards', async () => {
    const members = await newRoom(20, {}, false);
    const left = once(other.redis, 'end');
    other.close();
    await left;
    await expect(other.pictures.refreshAll()).rejects.toMatchObject({ status: 503 });
    const there = other.pictures.find(eventId);
    expect(there?.waiting).toBe(20);
    expect(there?.see(3).nextPollIn).toBeGreaterThan(0);
    await expect(other.pictures.flushAll()).rejects.toMatchObject({ status: 503 });

    await one.queue.leave(eventId, members[0] ?? '');
    await other.redis.connect();
    await look();
    expect(there?.waiting).toBe(19);
    await other.pictures.flushAll();
    const entries = await time.redis.xrevrange(keysOf(eventId).presence, '+', '-', 'COUNT', 1);
    expect(entries[0]?.[1][3]).not.toBe('');
  });

  it('puts back what a Redis has forgotten of its last moments', async () => {
    const members = await newRoom(20);
    await pass(2, members);
    const called = await cursor();
    const { room: key, places } = keysOf(eventId);
    await time.redis.hset(key, { arrivals: 15, cursor: 2 });
    await time.redis.hdel(places, ...members.slice(15));
    await look();
    expect([await cursor(), (await room())['arrivals']]).toEqual([called, '20']);
    expect(await one.queue.enter(eventId, members[19] ?? '')).toMatchObject({ receipt: 20 });
    expect(await other.queue.enter(eventId, randomUUID())).toMatchObject({ receipt: 21 });
  });

  it('is gone with the room, everywhere, and the next room of the event begins anew', async () => {
    await newRoom(7);
    await one.leadership.step();
    await one.rooms.remove(eventId);
    await look();
    expect(other.pictures.find(eventId)).toBeUndefined();
    await one.leadership.step();

    // What is not there is not asked for at every turn.
    await time.pass(500);
    await newRoom(2, {}, false);
    expect(other.pictures.find(eventId)?.waiting).toBe(2);
    expect(one.pictures.find(eventId)?.numberOf(1)).toBeNull();
  });
});
