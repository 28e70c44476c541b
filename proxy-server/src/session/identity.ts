import { unavailable } from '@doa-market/common/errors';
import type { Exchange } from '../proxy/exchange.ts';
import { type AccessToken, isFresh, isGuest, readAccessToken } from './access-token.ts';
import { type Cookies, change, type Jar } from './cookies.ts';
import { type Guests, newVisitorId } from './guests.ts';
import { isPublicRead, type Need, needOf } from './needs.ts';
import type { Refreshes } from './refreshes.ts';
import { guestCookies, sessionCookies } from './tokens.ts';

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

/** Builds the answer to "who asks?": what the cookies say, renewed where its time is up. */
export function createIdentify({ cookies, refreshes, guests, clock }: IdentityOptions) {
  /**
   * The token with which a request goes on, if any; what that changes in the browser is added to the exchange.
   * @throws {ProblemError} 503 where the visitor is somebody, but nobody can say who: never a logout. What is the
   * same for everybody is read all the same.
   */
  return async function identify(exchange: Exchange, asked: Asked = {}): Promise<string | undefined> {
    const { need = needOf(exchange), refused } = asked;
    if (need === 'nobody') return undefined;
    const { request, target } = exchange;
    const jar = cookies.read(request.headers.get('cookie'));
    if (jar.doubled.length > 0) {
      change(exchange, cookies.clearDoubled(jar, new URL(request.url).hostname, target.path));
    }
    if (refused !== undefined) distrust(exchange, jar, refused);
    const read = readAccessToken(jar.values.access, clock());
    const access = read && read.token !== refused ? read : undefined;
    return jar.values.refresh === undefined
      ? guest(need, exchange, jar, access)
      : member(need, exchange, jar, jar.values.refresh, access);
  };

  function distrust(exchange: Exchange, { values }: Jar, refused: string): void {
    guests.distrust(refused);
    if (values.visitor !== undefined) guests.forget(values.visitor);
    if (values.refresh !== undefined) refreshes.forget(values.refresh);
    if (values.access === refused || exchange.changes?.access) change(exchange, cookies.clear('access'));
  }

  /** A guest's token beside a session is the late answer to an earlier request. */
  async function member(
    need: Need,
    exchange: Exchange,
    jar: Jar,
    refreshToken: string,
    access: AccessToken | undefined,
  ): Promise<string | undefined> {
    const known = access && !isGuest(access) ? access : undefined;
    if (known && isFresh(known, clock())) return known.token;
    const outcome = await refreshes.refresh(refreshToken, exchange);
    if (outcome.kind === 'renewed') {
      change(exchange, sessionCookies(cookies, outcome.tokens));
      return outcome.tokens.accessToken;
    }
    if (outcome.kind === 'ended') {
      change(exchange, cookies.clear('access', 'refresh'));
      return guest(need, exchange, jar, undefined);
    }
    if (known) return known.token;
    if (isPublicRead(exchange)) return guests.shared();
    throw unavailable();
  }

  async function guest(
    need: Need,
    exchange: Exchange,
    { values }: Jar,
    access: AccessToken | undefined,
  ): Promise<string | undefined> {
    if (need === 'session' || (access && (!isGuest(access) || isFresh(access, clock()))))
      return access?.token;
    if (need === 'anyone') return (await guests.shared()) ?? access?.token;
    const visitorId = values.visitor ?? newVisitorId();
    const token = await guests.of(visitorId, exchange);
    if (token) change(exchange, guestCookies(cookies, token, visitorId));
    else if (!access) throw unavailable();
    return token?.accessToken ?? access?.token;
  }
}
export type Identify = ReturnType<typeof createIdentify>;
