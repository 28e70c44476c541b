import { createChance } from '@doa-market/common/testing';
import { describe, expect, it, vi } from 'vitest';
import { createAttendance } from '../src/waiting-room/attendance.ts';
import { withBit } from '../src/waiting-room/bitmap.ts';
import { createNumbers } from '../src/waiting-room/draw.ts';
import { waitRange } from '../src/waiting-room/estimate.ts';
import { createHistory } from '../src/waiting-room/history.ts';
import { PACE } from '../src/waiting-room/pace.ts';
import { pack, unpack } from '../src/waiting-room/packed.ts';
import { createPicture } from '../src/waiting-room/picture.ts';
import { LONGEST_POLL, nextPoll } from '../src/waiting-room/poll.ts';
import { createPositions } from '../src/waiting-room/positions.ts';
import type { Room } from '../src/waiting-room/room.ts';
import { singleFile } from '../src/waiting-room/single-file.ts';

const bitmapOf = (receipts: Iterable<number>) => {
  let bitmap = new Uint8Array(0);
  for (const receipt of receipts) bitmap = Uint8Array.from(withBit(bitmap, receipt));
  return bitmap;
};

describe('positions', () => {
  it('are what counting gives, before and after bits come and go', () => {
    const chance = createChance(7);
    const size = 700;
    const numbers = createNumbers({ seed: 'ab'.repeat(32), size: 400 });
    const positions = createPositions();
    const gone = new Set<number>();
    const missed = new Set<number>();
    for (let round = 0; round < 12; round += 1) {
      for (let change = 0; change < 60; change += 1) {
        const set = chance.pick([gone, gone, missed]);
        const receipt = 1 + chance.below(size);
        if (!set.delete(receipt)) set.add(receipt);
      }
      positions.update({ gone: bitmapOf(gone), missed: bitmapOf(missed), claimed: new Uint8Array(0) });
      if (round === 4) positions.renumber(numbers);
      if (round < 4) continue;
      const cursor = chance.below(300);
      const number = cursor + 1 + chance.below(300);
      const isBefore = (receipt: number) => numbers.numberOf(receipt) < number;
      const waiting = Array.from({ length: size }, (_, index) => index + 1).filter(
        (receipt) => isBefore(receipt) && numbers.numberOf(receipt) > cursor && !gone.has(receipt),
      );
      expect(positions.waitingBefore(number, cursor)).toBe(waiting.length);
      expect(positions.missedBefore(number)).toBe([...missed].filter(isBefore).length);
      expect(positions.over()).toBe(gone.size);
    }
  });

  it('of 200,000 places take two megabytes and microseconds', () => {
    const size = 200_000;
    const positions = createPositions();
    positions.renumber(createNumbers({ seed: '01'.repeat(32), size }));
    const before = process.memoryUsage().arrayBuffers;
    const bitmap = new Uint8Array(size / 8).fill(0x55);
    positions.update({ gone: bitmap, missed: new Uint8Array(0), claimed: new Uint8Array(0) });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(6_000_000);
    const start = performance.now();
    let sum = 0;
    for (let number = 1; number <= size; number += 1) sum += positions.waitingBefore(number, 0);
    expect((performance.now() - start) / size).toBeLessThan(0.02);
    expect(sum).toBeGreaterThan(size);
  });

  it('know what this process has just done before Redis says so', () => {
    const positions = createPositions();
    positions.mark('gone', 3);
    positions.mark('gone', 3);
    positions.mark('claimed', 5);
    expect([positions.is('gone', 3), positions.over(), positions.counts.gone]).toEqual([true, 2, 1]);
    positions.update({ gone: bitmapOf([3]), missed: bitmapOf([]), claimed: bitmapOf([]) });
    expect([positions.over(), positions.counts]).toEqual([1, { gone: 1, missed: 0, claimed: 0 }]);
  });
});

describe('sightings', () => {
  it('come out of their packing as they went in, at two or three bytes each', () => {
    const chance = createChance(3);
    const seen = new Map(
      Array.from({ length: 2_000 }, () => [1 + chance.below(200_000), 1 + chance.below(30)]),
    );
    const packed = pack(seen);
    expect(packed.length / seen.size).toBeLessThan(3);
    expect(new Map([...unpack(packed)].map(({ receipt, told }) => [receipt, told]))).toEqual(seen);
    expect([...unpack(packed.subarray(0, 1))]).toEqual([]);
  });
});

describe('the next poll', () => {
  const question = { state: 'OPEN', waiting: 50_000, untilOpening: null } as const;
  const both = (ask: Parameters<typeof nextPoll>[0]) => [nextPoll(ask, 0), nextPoll(ask, 1)];

  it('is after a second and a half at the front, and after half a minute at the back', () => {
    expect(both({ ...question, position: 3, earliest: 0 })).toEqual([1_500, 2_000]);
    expect(both({ ...question, position: 40_000, earliest: 4_000_000 })).toEqual([
      LONGEST_POLL,
      LONGEST_POLL,
    ]);
  });

  it('leaves time for two more before the turn, once that is more than some seconds away', () => {
    for (const earliest of [6_000, 20_000, 60_000, 600_000]) {
      for (const interval of both({ ...question, position: 9, earliest })) {
        expect(interval).toBeLessThanOrEqual(Math.ceil(earliest / 3));
      }
    }
  });

  it('brings the whole pre-queue back within seconds of the opening, and not at the same moment', () => {
    const ask = { ...question, state: 'PRE_QUEUE', position: null, earliest: 0 } as const;
    expect(both({ ...ask, untilOpening: 12_000 })).toEqual([12_500, 22_500]);
    expect(both({ ...ask, untilOpening: 12_000, waiting: 100 })).toEqual([12_500, 14_500]);
    const [soonest, latest] = both({ ...ask, untilOpening: 3_600_000 });
    expect([soonest, latest]).toEqual([21_000, 30_000]);
  });
});

describe('the wait', () => {
  const question = { waiting: 1_000, present: 1_000, missed: 0, rate: 10, reached: 10, settling: 0 };

  it('is what the rate makes of the position, from both sides', () => {
    expect(waitRange({ ...question, position: 301 })).toEqual({ min: 25, max: 37 });
  });

  it('is shorter at the least where many before are not there, and longer at the most where it went slowly', () => {
    const some = waitRange({ ...question, position: 301, present: 400, reached: 5, missed: 50 });
    expect(some).toEqual({ min: 10, max: 83 });
  });
});

describe('attendance', () => {
  const START = 1_000_000;
  const entry = (at: number, told: [number, number][] = []) => ({
    at: START + at,
    arrivals: 2,
    sightings: told.map(([receipt, seconds]) => ({ receipt, told: seconds })),
  });

  it('blames nobody for the time in which there was nobody to see them', () => {
    const attendance = createAttendance(PACE);
    for (let at = 0; at <= 60_000; at += 1_000) attendance.note(entry(at));
    expect(attendance.isSilent(1, START + 60_000)).toBe(true);
    attendance.note(entry(200_000));
    expect(attendance.isSilent(1, START + 200_000)).toBe(false);
    expect(attendance.isLost(1, START + 200_000, 30_000)).toBe(false);
    expect(attendance.isBack(1, START + 200_000)).toBe(false);
  });

  it('takes no place from a crowd that cannot get through to us, and passes it at no cost', () => {
    const attendance = createAttendance(PACE);
    const crowd = Array.from({ length: 20 }, (_, index) => index + 1);
    const note = (at: number, seen: readonly number[]) =>
      attendance.note({
        ...{ at: START + at, arrivals: 20 },
        sightings: seen.map((receipt) => ({ receipt, told: 5 })),
      });
    for (let at = 0; at <= 40_000; at += 1_000) note(at, at % 5_000 === 0 ? crowd : []);
    for (let at = 41_000; at <= 400_000; at += 1_000) note(at, []);
    const lost = (at: number) => crowd.filter((receipt) => attendance.isLost(receipt, START + at, 60_000));
    expect([lost(400_000), attendance.isSilent(1, START + 400_000)]).toEqual([[], true]);
    note(401_000, [1]);
    expect(lost(402_000)).toEqual([]);
    for (let at = 402_000; at <= 470_000; at += 1_000) note(at, [1]);
    expect(lost(470_000)).toEqual(crowd.slice(1));
  });

  it('believes who does as told, however long that is', () => {
    const attendance = createAttendance(PACE);
    for (let at = 0; at <= 80_000; at += 1_000) {
      attendance.note(entry(at, at === 50_000 ? [[1, 30]] : at === 60_000 ? [[2, 2]] : []));
    }
    const now = START + 80_000;
    expect([attendance.isSilent(1, now), attendance.isSilent(2, now)]).toEqual([false, true]);
    expect([attendance.isLost(1, now, 10_000), attendance.isLost(2, now, 10_000)]).toEqual([false, true]);
  });
});

describe('what was reached', () => {
  const step = (at: number, called: number[]) => ({
    ...{ at, from: 0, to: 0, called, recalled: [], missed: [], back: [], lost: [] },
  });

  it('is a rate of the time in which somebody was called, and not of a pause', () => {
    const history = createHistory();
    for (let at = 0; at < 20; at += 1) history.note(step(at * 1_000, [at * 2 + 1, at * 2 + 2]));
    for (let at = 45; at < 50; at += 1) history.note(step(at * 1_000, [at * 2 + 1, at * 2 + 2]));
    expect(history.reached(10)).toBeCloseTo(2);
    expect(history.measured(50_000)).toBeCloseTo(50 / 60);
    expect(createHistory().reached(10)).toBeNull();
  });
});

describe('a picture', () => {
  it('never believes that it is later than Redis says, also where its process was stopped while it was read', () => {
    let elapsed = 5_000;
    const room = {
      ...{ incarnation: 'one', state: 'OPEN', opensAt: null, openedAt: 1, rate: 10, capacity: 9, grace: 300 },
      ...{
        arrivals: 0,
        draw: null,
        cursor: 0,
        tat: 0,
        stock: null,
        gone: 0,
        claimed: 0,
        missed: 0,
        version: 1,
      },
      ...{ present: null, measured: 0, reached: null },
    } satisfies Room;
    const reading = { at: 1_000_000, leader: '', room, bitmaps: null };
    const own = createPicture('event', reading, { pace: PACE, elapsed: () => elapsed });
    own.beginRead();
    elapsed += 600_000;
    own.take({ ...reading, at: 1_000_500 });
    expect(own.picture.now()).toBe(1_000_500);
    elapsed += 40;
    expect(own.picture.now()).toBe(1_000_540);
  });
});

describe('single file', () => {
  it('gives who asks while it runs a run that begins later, and the same one to all of them', async () => {
    let runs = 0;
    const gates: (() => void)[] = [];
    const ask = singleFile(async () => {
      runs += 1;
      const run = runs;
      await new Promise<void>((resolve) => gates.push(resolve));
      return run;
    });
    const answers = [ask(), ask(), ask()];
    gates.shift()?.();
    expect(await answers[0]).toBe(1);
    await vi.waitFor(() => expect(gates.length).toBe(1));
    gates.shift()?.();
    expect(await Promise.all(answers)).toEqual([1, 2, 2]);
  });
});
