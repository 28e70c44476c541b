export type BreakerState = 'closed' | 'half-open' | 'open';

/** What a call has shown: `unknown` where it ended before the callee could show anything, as its caller left. */
export type Verdict = 'success' | 'failure' | 'unknown';

export type Settle = (verdict: Verdict) => void;

export interface BreakerOptions {
  /** Milliseconds that are looked back on. */
  window?: number;
  /** Calls in the window below which nothing is concluded. */
  minimum?: number;
  /** Part of the calls in the window that has to fail. */
  failureRate?: number;
  /** Milliseconds without any call before one is let through to find out. */
  openFor?: number;
  now?: () => number;
}

const BUCKETS = 10;

interface Bucket {
  slot: number;
  calls: number;
  failures: number;
}

/**
 * Stops calling what fails anyway: open after too many failures in a rolling window, then exactly one call at a time
 * is let through as a probe, and its verdict alone closes or opens again. Calls from before a change of state have no
 * say in what comes after it.
 */
export function createCircuitBreaker(options: BreakerOptions = {}) {
  const { window = 10_000, minimum = 20, failureRate = 0.5, openFor = 2_000 } = options;
  const { now = () => performance.now() } = options;
  const width = window / BUCKETS;
  let buckets: Bucket[] = [];
  let openedAt: number | undefined;
  let probing = false;
  let era = 0;

  function change(opened: number | undefined): void {
    openedAt = opened;
    buckets = [];
    era += 1;
  }

  function record(failed: boolean): void {
    const slot = Math.floor(now() / width);
    buckets = buckets.filter((it) => it.slot > slot - BUCKETS);
    let bucket = buckets.at(-1);
    if (bucket?.slot !== slot) {
      bucket = { slot, calls: 0, failures: 0 };
      buckets.push(bucket);
    }
    bucket.calls += 1;
    if (failed) bucket.failures += 1;
    const calls = buckets.reduce((sum, it) => sum + it.calls, 0);
    const failures = buckets.reduce((sum, it) => sum + it.failures, 0);
    if (calls >= minimum && failures >= calls * failureRate) change(now());
  }

  function settleProbe(verdict: Verdict): void {
    probing = false;
    if (verdict === 'success') change(undefined);
    if (verdict === 'failure') change(now());
  }

  return {
    state(): BreakerState {
      if (openedAt === undefined) return 'closed';
      return now() - openedAt < openFor ? 'open' : 'half-open';
    },
    /** Lets a call through, which has to settle in any case; undefined when it must not be made. */
    enter(): Settle | undefined {
      if (openedAt === undefined) {
        const begun = era;
        return (verdict) => {
          if (begun === era && verdict !== 'unknown') record(verdict === 'failure');
        };
      }
      if (probing || now() - openedAt < openFor) return undefined;
      probing = true;
      return settleProbe;
    },
  };
}
export type CircuitBreaker = ReturnType<typeof createCircuitBreaker>;
