import { performance } from 'node:perf_hooks';
import type { QueuePlace } from '@doa-market/common/contracts';
import { median } from '../statistics.ts';

interface Told {
  at: number;
  min: number;
  max: number;
}

/** How long a wait is that was told, in seconds: the middle of the range is below it. */
const SPANS = [15, 60, 180, Number.POSITIVE_INFINITY];

/** What members were told of their wait, and how long it was. */
export function createPredictions() {
  const told = new Map<string, Told[]>();
  const kept: (Told & { truth: number })[] = [];

  return {
    note(memberId: string, { place, state, position, wait }: QueuePlace): void {
      if (place === 'ADMITTED') {
        const now = performance.now();
        for (const it of told.get(memberId) ?? []) kept.push({ ...it, truth: (now - it.at) / 1_000 });
        told.delete(memberId);
        return;
      }
      if (state !== 'OPEN' || wait === null || !position) return;
      const list = told.get(memberId) ?? [];
      told.set(memberId, list);
      list.push({ at: performance.now(), ...wait });
    },

    /** Of each span of waits: how many there were, which part came out within the range, and how far off its middle was. */
    rows() {
      return SPANS.map((below, index) => {
        const above = SPANS[index - 1] ?? 0;
        const middle = ({ min, max }: Told) => (min + max) / 2;
        const those = kept.filter((it) => middle(it) >= above && middle(it) < below);
        const within = those.filter(({ min, max, truth }) => truth >= min && truth <= max);
        const errors = those.map((it) => Math.abs(middle(it) - it.truth));
        return {
          ...{ above, below, count: those.length },
          within: within.length / those.length,
          error: median(errors),
          truth: median(those.map(({ truth }) => truth)),
        };
      }).filter(({ count }) => count > 0);
    },
  };
}
export type Predictions = ReturnType<typeof createPredictions>;
