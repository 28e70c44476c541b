import { listOf, type StorefrontConfig } from '../config.ts';
import type { MayRefresh } from '../policy/refresh.ts';
import type { Exchange } from '../proxy/exchange.ts';
import type { Forward } from '../proxy/forward.ts';
import type { AddHop } from '../proxy/hop.ts';
import type { SendUpstream } from '../proxy/upstream.ts';
import { createAuthClient } from './auth-client.ts';
import { createCookies } from './cookies.ts';
import { createFirstParty } from './first-party.ts';
import { createGuests } from './guests.ts';
import { createIdentify } from './identity.ts';
import { createMonitorCheck } from './monitors.ts';
import { createRefreshes } from './refreshes.ts';
import { createSameOriginCheck } from './same-origin.ts';
import { createSignIn } from './sign-in.ts';
import { createSocial } from './social.ts';
import { createSocialHandles } from './social-handles.ts';
import { createVisitorForward } from './visitor-forward.ts';
import { createTokenRemoval } from './without-tokens.ts';

interface SessionsOptions {
  config: StorefrontConfig;
  send: SendUpstream;
  addHop: AddHop;
  forward: Forward;
  isWarmUp: MayRefresh;
  observe: (call: string, outcome: string) => void;
}

/** Builds the sessions of browsers: cookies on their side, Bearer tokens on ours. */
export function createSessions({ config, send, addHop, forward, isWarmUp, observe }: SessionsOptions) {
  const publicUrl = new URL(config.PROXY_SERVER_URL);
  const basic = `Basic ${Buffer.from(config.AUTH_BASIC_KEY).toString('base64')}`;
  /** What tokens say is in the time of the wall. */
  const clock = Date.now;
  const cookies = createCookies(publicUrl.protocol === 'https:');
  const client = createAuthClient({
    send,
    gateway: config.KONG_GATEWAY_URL,
    addHop,
    basic,
    timeout: config.REQUEST_TIMEOUT,
    observe,
  });
  const guests = createGuests({ client, clock });
  const refreshes = createRefreshes({ client, clock });
  const identify = createIdentify({ cookies, refreshes, guests, clock });
  const isMonitor = createMonitorCheck({
    paths: listOf(config.MONITOR_PATHS),
    userAgents: listOf(config.MONITOR_USER_AGENTS),
    isWarmUp,
  });
  const forwardVisitor = createVisitorForward({ forward, identify, isMonitor, cookies });
  const signIn = createSignIn({ client, cookies, guests, refreshes, clock });
  const handles = createSocialHandles(cookies);
  const social = createSocial({ client, handles, identify, signIn });
  const firstParty = createFirstParty({
    forward,
    forwardVisitor,
    client,
    cookies,
    refreshes,
    identify,
    handles,
    withoutTokens: createTokenRemoval(signIn),
    basic,
    clock,
  });

  return {
    /** @throws {ProblemError} 403 for a change that another site's page asks for */
    requireSameOrigin: createSameOriginCheck(publicUrl),
    /** Passes a request on as the one who asks. */
    forward: (exchange: Exchange) => forwardVisitor(exchange),
    /** Answers what is about the session itself; undefined where a request is about something else. */
    answer: async (exchange: Exchange): Promise<Response | undefined> =>
      exchange.target.upstream === 'gateway' ? firstParty(exchange) : social(exchange),
  };
}
export type Sessions = ReturnType<typeof createSessions>;
