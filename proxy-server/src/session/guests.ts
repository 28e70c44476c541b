import { randomBytes } from 'node:crypto';
import type { AccessToken } from '@doa-market/common/contracts';
import type { Exchange } from '../proxy/exchange.ts';
import { RENEW_WITHIN } from './access-token.ts';
import type { AuthClient } from './auth-client.ts';
import { createSharedOutcomes } from './shared-outcomes.ts';

/** How long a token is given to requests that a browser sent before it had the cookie, in milliseconds. */
const GOOD_FOR = 10_000;
/** How soon auth-server is asked again after it failed, in milliseconds. */
const PAUSE = 1_000;

/** 128 bits, in 22 characters of base64url. */
export const newVisitorId = (): string => randomBytes(16).toString('base64url');

/** Builds where guests get their tokens: one guest shared by all who only look, and one for each visitor. */
export function createGuests({ client, clock }: { client: AuthClient; clock: () => number }) {
  const visitors = createSharedOutcomes<AccessToken | undefined>({
    clock,
    keepFor: (token) => (token ? GOOD_FOR : PAUSE),
  });
  let current: { token: string; since: number; expiresAt: number; renewAt: number } | undefined;
  let renewal: Promise<void> | undefined;
  let failing = false;
  let askAt = 0;

  async function renew(): Promise<void> {
    const token = await client.guest();
    failing = token === undefined;
    askAt = failing ? clock() + PAUSE : 0;
    if (!token) return;
    const lifetime = token.expiresIn * 1_000;
    const since = clock();
    const expiresAt = since + lifetime;
    current = {
      token: token.accessToken,
      since,
      expiresAt,
      renewAt: expiresAt - Math.min(RENEW_WITHIN, lifetime / 2),
    };
  }

  function renewOnce(): Promise<void> | undefined {
    if (!renewal && clock() < askAt) return undefined;
    renewal ??= renew().finally(() => {
      renewal = undefined;
    });
    return renewal;
  }

  const valid = () => (current && clock() < current.expiresAt ? current.token : undefined);

  return {
    /** The token of the guest that everybody shares, or undefined while none can be had. */
    async shared(): Promise<string | undefined> {
      const underWay = !current || clock() >= current.renewAt ? renewOnce() : undefined;
      // Only who would have to go without waits, and only for an auth-server that is not known to be away.
      if (underWay && !valid() && !failing) await underWay;
      return valid();
    },
    /** The token of the guest that a visitor is, or undefined while none can be had. */
    of: (visitorId: string, exchange: Exchange): Promise<AccessToken | undefined> =>
      visitors.join(visitorId, () => client.guest(visitorId, exchange)),
    /** Gives this token to nobody else, unless it is so new that another would fare no better. */
    distrust(token: string): void {
      if (current?.token === token && clock() - current.since > PAUSE) current = undefined;
    },
    forget: visitors.forget,
  };
}
export type Guests = ReturnType<typeof createGuests>;
