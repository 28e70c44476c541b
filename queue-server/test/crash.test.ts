import { describe, expect, inject, it } from 'vitest';
import { cleaningUp } from '../../bench/src/clean-up.ts';
import { play } from '../../bench/src/crash/play.ts';
import { type CrashPoint, STEPS as POINTS } from '../../bench/src/crash/points.ts';
import { STEPS } from '../src/steps.ts';

/** A fixed choice of what `npm run crash -w bench` tries: each step once, in one run, with everything around it. */
const plain = { nth: 1, all: false, card: 'approve', mode: 'kill', faults: {} } as const;
const CHOICE: CrashPoint[] = [
  { ...plain, step: 'enter', edge: 'after', mode: 'redis' },
  { ...plain, step: 'hold', edge: 'after' },
  { ...plain, step: 'prepare', edge: 'after' },
  { ...plain, step: 'webhook', edge: 'before', faults: { webhooks: { duplicates: 3 } } },
  { ...plain, step: 'outbox', edge: 'after', card: 'timeout-after-capture' },
  { ...plain, step: 'admit', edge: 'after', mode: 'stop' },
  { ...plain, step: 'relay', edge: 'after', card: 'three-d-secure' },
  { ...plain, step: 'consume', edge: 'after' },
  { ...plain, step: 'confirm', edge: 'after', all: true },
  { ...plain, step: 'compensate', edge: 'after', card: 'wrong-amount' },
];

describe('a server that falls', () => {
  it('at any durable step loses no money, no place, no seat and no order', { timeout: 400_000 }, async () => {
    const { reached, missed, findings, outcomes } = await cleaningUp((scope) =>
      play(scope, {
        ...{ seed: 20, points: CHOICE, buyers: 10, patience: 30_000, hang: 4_000 },
        postgresUrl: inject('postgresUrl'),
      }),
    );
    expect(findings).toEqual([]);
    expect(missed).toEqual([]);
    expect(reached).toEqual(CHOICE);
    expect(outcomes.get('CONFIRMED')).toBeGreaterThan(0);
  });

  it('is tried at every step that has a name', () => {
    expect([...POINTS]).toEqual([...STEPS]);
    expect(CHOICE.map(({ step }) => step).toSorted()).toEqual([...STEPS].toSorted());
  });
});
