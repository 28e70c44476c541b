import type { Exchange } from '../proxy/exchange.ts';
import type { AuthClient, Refreshed } from './auth-client.ts';
import { createSharedOutcomes } from './shared-outcomes.ts';

/** Tabs, and requests that were sent before the new cookies arrived, get what the first of them got. */
const GOOD_FOR = 10_000;
/** An auth-server that is away is not asked by every request, in milliseconds. */
const PAUSE = 1_000;

/** Builds the renewal of sessions: one call for each, however many requests wait for it. */
export function createRefreshes({ client, clock }: { client: AuthClient; clock: () => number }) {
  const outcomes = createSharedOutcomes<Refreshed>({
    clock,
    keepFor: ({ kind }) => (kind === 'unavailable' ? PAUSE : GOOD_FOR),
  });
  return {
    refresh: (refreshToken: string, exchange: Exchange): Promise<Refreshed> =>
      outcomes.join(
        refreshToken,
        () => client.refresh(refreshToken, exchange),
        // The successor has only just begun: it is not used up at once.
        (outcome) => (outcome.kind === 'renewed' ? outcome.tokens.refreshToken : undefined),
      ),
    forget: outcomes.forget,
  };
}
export type Refreshes = ReturnType<typeof createRefreshes>;
