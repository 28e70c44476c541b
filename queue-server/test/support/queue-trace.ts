import { randomUUID } from 'node:crypto';
import type { QueuePlace } from '@doa-market/common/contracts';
import { type Chance, createChance } from '@doa-market/common/testing';
import { drawNumber } from '@doa-market/scripts/draw';
import { expect } from 'vitest';
import { keysOf } from '../../src/waiting-room/keys.ts';
import { createQueueOracle } from './queue-oracle.ts';
import { openVirtualProcess, type VirtualProcess, type VirtualTime } from './virtual-rooms.ts';

/** Milliseconds of a tick: one step of a leader. Every other tick the processes say whom they have seen. */
const TICK = 500;
const OPENING = 30;
/** The last members come then. */
const FULL = 250;

interface Visitor {
  member: string;
  /** Comes again then, unless away until later. */
  comesAt: number;
}
type Expected = Pick<QueuePlace, 'number' | 'position' | 'place'> & { member: string };
interface Served {
  process: VirtualProcess;
  /** What it has seen and not said. */
  seen: Map<number, number>;
}

/** Whatever can happen to a waiting room, as the seed has it, to the real one and to the oracle at the same time. */
export async function createTrace(url: string, time: VirtualTime, seed: number) {
  const chance: Chance = createChance(seed);
  const random = () => chance.below(1_000_000) / 1_000_000;
  const eventId = randomUUID();
  const oracle = createQueueOracle({ rate: 8, grace: 40 });
  const visitors = new Map<string, Visitor>();
  const happened = { left: 0, polledInVain: 0, newLeaders: 0, killed: 0 };
  const rates = [{ at: time.now(), rate: oracle.settings.rate }];
  let fleet: Served[] = await Promise.all([serve(), serve(), serve()]);
  let paused = false;
  let drawn = false;

  async function serve(): Promise<Served> {
    return { process: await openVirtualProcess(url, time, { random }), seen: new Map() };
  }
  const chanceOf = (percent: number): boolean => chance.below(1_000) < percent * 10;
  const refresh = () => Promise.all(fleet.map(({ process }) => process.pictures.refreshAll()));
  const operator = () => chance.pick(fleet).process;

  /** There are tens of thousands of them, and a matcher takes its time. */
  function same({ number, position, place }: QueuePlace, known: Expected, member: string): void {
    const right = number === known.number && position === known.position && place === known.place;
    if (!right || known.member !== member) expect({ member, number, position, place }).toEqual(known);
  }

  /** What a member was told, beside what the oracle says. */
  function heard({ seen }: Served, member: string, place: QueuePlace): void {
    seen.set(place.receipt, Math.ceil(place.nextPollIn / 1_000));
    const known = oracle.placeOf(place.receipt);
    if (place.place === 'ADMITTED' && known.state === 'CALLED') oracle.claim(place.receipt);
    same(
      place,
      {
        member: known.member,
        number: drawn ? known.number : null,
        position: drawn ? oracle.positionOf(place.receipt) : null,
        place: known.state === 'CLAIMED' ? 'ADMITTED' : 'WAITING',
      },
      member,
    );
    if (known.state === 'CLAIMED') visitors.delete(member);
    else visitors.set(member, { member, comesAt: time.now() + place.nextPollIn + awayFor() });
  }

  /** Most do as they are told; some go away for a while, and some for good. */
  function awayFor(): number {
    if (chanceOf(88)) return 0;
    return chance.pick([8_000, 25_000, 45_000, 70_000, 600_000]);
  }

  async function enter(member: string): Promise<void> {
    const served = chance.pick(fleet);
    const there = oracle.placeOfMember(member);
    const place = await served.process.queue.enter(eventId, member);
    expect(place.receipt).toBe(there?.receipt ?? oracle.enter(member));
    heard(served, member, place);
  }

  async function poll(member: string): Promise<void> {
    const served = chance.pick(fleet);
    const there = oracle.placeOfMember(member);
    if (!there) {
      await expect(served.process.queue.status(eventId, member)).rejects.toMatchObject({ code: 'QUE_4041' });
      visitors.delete(member);
      happened.polledInVain += 1;
      return;
    }
    heard(served, member, await served.process.queue.status(eventId, member));
  }

  async function leave(member: string): Promise<void> {
    await chance.pick(fleet).process.queue.leave(eventId, member);
    const there = oracle.placeOfMember(member);
    if (there) oracle.leave(there.receipt);
    visitors.delete(member);
    // The others know when they look again.
    await refresh();
    happened.left += 1;
  }

  async function operate(): Promise<void> {
    if (chanceOf(1.5)) {
      const rate = chance.pick([4, 8, 10, 20, 40]);
      await operator().rooms.put(eventId, { rate });
      oracle.settings.rate = rate;
      rates.push({ at: time.now(), rate });
    }
    if (chanceOf(0.5)) {
      const grace = chance.pick([20, 40, 60]);
      await operator().rooms.put(eventId, { graceSeconds: grace });
      oracle.settings.grace = grace;
    }
    if (drawn && chanceOf(paused ? 5 : 0.6)) {
      paused = !paused;
      await operator().rooms[paused ? 'pause' : 'resume'](eventId);
      oracle.pause(paused);
    }
    if (chanceOf(2)) {
      // The lease has ended, and its leader does not know.
      await time.redis.del(keysOf(eventId).leader);
      happened.newLeaders += 1;
    }
    if (chanceOf(1)) {
      // Killed, with all that it has not said; another one takes its place.
      const [killed, ...others] = chance.shuffled(fleet);
      killed?.process.close();
      fleet = [...others, await serve()];
      await time.redis.del(keysOf(eventId).leader);
      happened.killed += 1;
    }
  }

  async function visit(tick: number): Promise<void> {
    if (tick < FULL)
      for (let come = chance.below(tick < OPENING ? 20 : 9); come > 0; come -= 1) await enter(randomUUID());
    for (const { member, comesAt } of chance.shuffled([...visitors.values()])) {
      if (comesAt > time.now()) continue;
      if (chanceOf(1)) await leave(member);
      else if (chanceOf(3)) await enter(member);
      else await poll(member);
    }
  }

  async function say(): Promise<void> {
    const sightings = new Map<number, number>();
    for (const { process, seen } of fleet) {
      await process.pictures.flushAll();
      for (const [receipt, told] of seen) sightings.set(receipt, told);
      seen.clear();
    }
    oracle.hear(time.now(), sightings);
  }

  async function openInTime(tick: number): Promise<void> {
    if (tick !== OPENING || drawn) return;
    const [seedOfDraw, size, openedAt] = await time.redis.hmget(
      keysOf(eventId).room,
      ...['seed', 'drawSize', 'openedAt'],
    );
    expect(openedAt).toBe(String(time.now()));
    drawn = true;
    const draw = { seed: seedOfDraw ?? '', size: Number(size) };
    oracle.open(time.now(), (receipt) => drawNumber(draw, receipt));
  }

  const opensAt = new Date(time.now() + OPENING * TICK).toISOString();
  const { rate, grace } = oracle.settings;
  await operator().rooms.put(eventId, { opensAt, rate, graceSeconds: grace });
  await refresh();

  return {
    eventId,
    oracle,
    rates,
    happened,
    async tick(tick: number): Promise<void> {
      await visit(tick);
      await operate();
      await refresh();
      if (tick % 2 === 0) await say();
      // A step more, at the same moment, must not let in anybody more.
      for (let steps = 1 + chance.below(2); steps > 0; steps -= 1) {
        for (const { process } of chance.shuffled(fleet)) await process.leadership.step();
        await openInTime(tick);
        oracle.step(time.now());
      }
      await refresh();
      const cursor = await time.redis.hget(keysOf(eventId).room, 'cursor');
      expect([tick, Number(cursor)]).toEqual([tick, oracle.cursor()]);
      await time.pass(TICK);
    },
    async close(): Promise<void> {
      await operator().rooms.remove(eventId);
      for (const { process } of fleet) process.close();
    },
  };
}
export type Trace = Awaited<ReturnType<typeof createTrace>>;
