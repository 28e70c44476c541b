import { drawNumber } from '@doa-market/scripts/draw';
import { redisUrl } from '@doa-market/scripts/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Admissions } from '../src/waiting-room/history.ts';
import { keysOf } from '../src/waiting-room/keys.ts';
import { createLeaderStore } from '../src/waiting-room/leader-store.ts';
import { createTrace, type Trace } from './support/queue-trace.ts';
import { openVirtualTime, type VirtualTime } from './support/virtual-rooms.ts';

let time: VirtualTime;
beforeAll(async () => {
  time = await openVirtualTime(redisUrl());
});
afterAll(() => time.close());

async function stepsOf(eventId: string): Promise<Admissions[]> {
  const steps: Admissions[] = [];
  for await (const step of createLeaderStore(time.redis, eventId).admissionsAfter('0')) steps.push(step);
  return steps;
}

/** What every place's number must be by what is published of the draw. */
async function numbersOf({ eventId, oracle }: Trace): Promise<number[]> {
  const [seed, size] = await time.redis.hmget(keysOf(eventId).room, 'seed', 'drawSize');
  return oracle.places.map(({ receipt }) => drawNumber({ seed: seed ?? '', size: Number(size) }, receipt));
}

const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);

/** The most that any window of time let in beyond what its rates come to. */
function excessOf(steps: readonly Admissions[], rates: Trace['rates']): number {
  const budgetUpTo = (at: number) =>
    rates.reduce((sum, { at: from, rate }, index) => {
      const to = Math.min(at, rates[index + 1]?.at ?? at);
      return sum + (Math.max(0, to - from) * rate) / 1_000;
    }, 0);
  let [most, least, letIn] = [0, Number.POSITIVE_INFINITY, 0];
  for (const { at, called, recalled, back } of steps) {
    least = Math.min(least, letIn - budgetUpTo(at));
    letIn += called.length + recalled.length - back.length;
    most = Math.max(most, letIn - budgetUpTo(at) - least);
  }
  return most;
}

/** What has happened in all traces. */
const story = new Map<string, number>();
const add = (what: string, count: number) => story.set(what, (story.get(what) ?? 0) + count);

describe('a waiting room of three processes', () => {
  it.each([1, 2, 3])(
    'does what one person with a list would do, whatever happens (seed %i)',
    async (seed) => {
      const trace = await createTrace(redisUrl(), time, seed);
      const { eventId, oracle, rates, happened } = trace;
      try {
        for (let tick = 0; tick < 420; tick += 1) await trace.tick(tick);
        const [steps, numbers] = await Promise.all([stepsOf(eventId), numbersOf(trace)]);

        // Every number is there once, and they were called from the first to the last; who was missed, before the others.
        expect(sorted(numbers)).toEqual(numbers.map((_, index) => index + 1));
        expect(steps.flatMap(({ recalled, called }) => [...recalled, ...called])).toEqual(oracle.calls);
        const first = steps.flatMap(({ called }) => called.map((receipt) => numbers[receipt - 1] ?? 0));
        expect(first).toEqual(sorted(first));
        expect(new Set(first).size).toBe(first.length);
        expect(excessOf(steps, rates)).toBeLessThanOrEqual(20);

        for (const what of ['called', 'recalled', 'missed', 'back', 'lost'] as const) {
          const count = steps.reduce((sum, step) => sum + step[what].length, 0);
          add(what, count);
        }
        for (const [what, count] of Object.entries(happened)) add(what, count);
      } finally {
        await trace.close();
      }
    },
  );

  it('has been through everything by then, and more than once', () => {
    for (const [what, count] of story) expect([what, count > 3]).toEqual([what, true]);
    expect(story.size).toBe(9);
  });
});
