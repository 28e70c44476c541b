import type { UpstreamError } from './upstream-error.ts';

/** Retries for each call that is made: more would multiply the load on what is overloaded already. */
const RATIO = 0.1;
/** What a quiet time saves up, for the connections that a restart of the callee cuts. */
const SAVINGS = 10;

/** Statuses that say that the callee, or what it asked, may do better at once. */
const PASSING = [502, 503, 504];

const BASE = 10;
const SPREAD = 40;

/** How many calls may be made again: a tenth of those that were made, over any longer time. */
export function createRetryBudget() {
  let tokens = SAVINGS;
  return {
    earn(): void {
      tokens = Math.min(SAVINGS, tokens + RATIO);
    },
    spend(): boolean {
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}

/** Whether the same read may well succeed at once; not where the callee says when to come back. */
export function isWorthRetrying({ failure, status, retryAfter }: UpstreamError): boolean {
  if (failure === 'unreachable') return true;
  return status !== undefined && PASSING.includes(status) && !retryAfter;
}

/** Milliseconds before the second try: never the same for two callers, who would come back together. */
export const retryDelay = (random: () => number = Math.random): number => BASE + random() * SPREAD;
