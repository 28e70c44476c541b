import { unavailable } from '@doa-market/common/errors';
import type { Exchange } from '../proxy/exchange.ts';
import { type AccessToken, isFresh, isGuest, readAccessToken } from './access-token.ts';
import type { CookieChanges, Cookies, Jar } from './cookies.ts';
import { type Guests, newVisitorId } from './guests.ts';
import { type Need, needOf } from './needs.ts';
import type { Refreshes } from './refreshes.ts';
import { guestCookies, sessionCookies } from './tokens.ts';

/** As whom a request goes on, and what that changes in the browser. */
export interface Identity {
  readonly bearer?: string | undefined;
  readonly changes: CookieChanges;
}

interface Asked {
  need?: Need;
  /** A token that was just not accepted, to be replaced by another. */
  refused?: string;
}

interface IdentityOptions {
  cookies: Cookies;
  refreshes: Refreshes;
  guests: Guests;
  /** Of the wall: it is compared with what tokens say. */
  clock: () => number;
}

const NOBODY: Identity = { changes: {} };

/** Builds the answer to "who asks?": what the cookies say, renewed where its time is up. */
export function createIdentify({ cookies, refreshes, guests, clock }: IdentityOptions) {
  /** @throws {ProblemError} 503 where the visitor is somebody, but nobody can say who: never a logout */
  return async function identify(exchange: Exchange, asked: Asked = {}): Promise<Identity> {
    const { need = needOf(exchange), refused } = asked;
    if (need === 'nobody') return NOBODY;
    const { headers } = exchange.request;
    const jar = cookies.read(headers.get('cookie'));
    const read = readAccessToken(jar.values.access, clock());
    const access = read && read.token !== refused ? read : undefined;
    const cleared = {
      ...cookies.clearDoubled(jar, new URL(exchange.request.url).hostname, exchange.target.path),
      ...(refused !== undefined && jar.values.access === refused && cookies.clear('access')),
    };
    if (refused !== undefined) distrust(jar, refused);
    const identity =
      jar.values.refresh === undefined
        ? await guest(need, exchange, jar, access)
        : await member(need, exchange, jar, jar.values.refresh, access);
    return { ...identity, changes: { ...cleared, ...identity.changes } };
  };

  function distrust({ values }: Jar, refused: string): void {
    guests.distrust(refused);
    if (values.visitor !== undefined) guests.forget(values.visitor);
    if (values.refresh !== undefined) refreshes.forget(values.refresh);
  }

  /** A guest's token beside a session is the late answer to an earlier request. */
  async function member(
    need: Need,
    exchange: Exchange,
    jar: Jar,
    refreshToken: string,
    access: AccessToken | undefined,
  ): Promise<Identity> {
    const known = access && !isGuest(access) ? access : undefined;
    if (known && isFresh(known, clock())) return { bearer: known.token, changes: {} };
    const outcome = await refreshes.refresh(refreshToken, exchange);
    if (outcome.kind === 'renewed') {
      return { bearer: outcome.tokens.accessToken, changes: sessionCookies(cookies, outcome.tokens) };
    }
    if (outcome.kind === 'ended') {
      const asGuest = await guest(need, exchange, jar, undefined);
      return { ...asGuest, changes: { ...cookies.clear('access', 'refresh'), ...asGuest.changes } };
    }
    if (known) return { bearer: known.token, changes: {} };
    throw unavailable();
  }

  async function guest(
    need: Need,
    exchange: Exchange,
    { values }: Jar,
    access: AccessToken | undefined,
  ): Promise<Identity> {
    const own = { bearer: access?.token, changes: {} };
    if (need === 'session' || (access && (!isGuest(access) || isFresh(access, clock())))) return own;
    if (need === 'anyone') return { bearer: (await guests.shared()) ?? access?.token, changes: {} };
    const visitorId = values.visitor ?? newVisitorId();
    const token = await guests.of(visitorId, exchange);
    if (token) return { bearer: token.accessToken, changes: guestCookies(cookies, token, visitorId) };
    if (access) return own;
    throw unavailable();
  }
}
export type Identify = ReturnType<typeof createIdentify>;
