import { ProblemError, unavailable } from '@doa-market/common/errors';
import type { Exchange } from '../proxy/exchange.ts';
import type { Forward } from '../proxy/forward.ts';
import { readAccessToken } from './access-token.ts';
import { type AuthClient, readJson } from './auth-client.ts';
import { type Cookies, change } from './cookies.ts';
import type { Identify } from './identity.ts';
import type { Refreshes } from './refreshes.ts';
import type { SocialHandles } from './social-handles.ts';
import { sessionCookies } from './tokens.ts';
import type { VisitorForward } from './visitor-forward.ts';
import { READABLE, type TokenRemoval, visible } from './without-tokens.ts';

interface FirstPartyOptions {
  forward: Forward;
  forwardVisitor: VisitorForward;
  client: AuthClient;
  cookies: Cookies;
  refreshes: Refreshes;
  identify: Identify;
  handles: SocialHandles;
  withoutTokens: TokenRemoval;
  /** The Authorization of a first-party client. */
  basic: string;
  clock: () => number;
}

const AUTH = '/api/auth/';
/** What a browser may ask of auth-server before it is anybody: the edge is the client that vouches for it. */
const FOR_STRANGERS = /^(?:login|register|email\/[\w-]+|password\/(?:forgot|reset))$/;
const NEVER_STORED = { 'Cache-Control': 'private, no-store' };

/** Builds the side of auth-server's API that browsers see: tokens go into cookies, never into a body. */
export function createFirstParty(options: FirstPartyOptions) {
  const {
    forward,
    forwardVisitor,
    client,
    cookies,
    refreshes,
    identify,
    handles,
    withoutTokens,
    basic,
    clock,
  } = options;
  const jarOf = ({ request }: Exchange) => cookies.read(request.headers.get('cookie'));

  /** Everything of ours, also what somebody else may have planted. */
  function clearAll(exchange: Exchange): void {
    const { hostname } = new URL(exchange.request.url);
    change(exchange, cookies.clear('access', 'refresh', 'visitor'));
    change(exchange, cookies.clearDoubled(jarOf(exchange), hostname, exchange.target.path));
  }

  /** What the next request would get in passing, for a script that wants it now. */
  async function refresh(exchange: Exchange): Promise<Response> {
    const token = jarOf(exchange).values.refresh;
    const outcome = token === undefined ? undefined : await refreshes.refresh(token, exchange);
    if (outcome?.kind === 'unavailable') throw unavailable();
    // A guest has none, and stays one.
    if (outcome?.kind === 'ended') change(exchange, cookies.clear('access', 'refresh'));
    if (outcome?.kind !== 'renewed') throw noSession();
    change(exchange, sessionCookies(cookies, outcome.tokens));
    return Response.json(visible(outcome.tokens));
  }

  /** Makes a visitor somebody of his own; who has a session already stays who he is. */
  async function becomeGuest(exchange: Exchange): Promise<Response> {
    const bearer = await identify(exchange, { need: 'somebody' });
    const now = clock();
    const access = readAccessToken(bearer, now);
    if (!access) throw unavailable();
    const expiresIn = Math.max(1, Math.floor((access.expiresAt - now) / 1_000));
    return Response.json({ role: access.role, expiresIn }, { status: 201, headers: NEVER_STORED });
  }

  /** Out of this browser in any case; 503 says that the session itself could not be ended. */
  async function logout(exchange: Exchange): Promise<Response> {
    const { access, refresh: refreshToken } = jarOf(exchange).values;
    clearAll(exchange);
    if (refreshToken !== undefined) refreshes.forget(refreshToken);
    const session =
      refreshToken !== undefined ? { refreshToken } : access !== undefined ? { bearer: access } : undefined;
    if (session !== undefined && !(await client.endSession(session, exchange))) throw unavailable();
    return new Response(null, { status: 204 });
  }

  async function logoutAll(exchange: Exchange): Promise<Response> {
    const response = await forwardVisitor(exchange);
    if (response.ok) clearAll(exchange);
    return response;
  }

  /** The handle never leaves the cookie: a script sends what its visitor agrees to. */
  async function registerSocially(exchange: Exchange): Promise<Response> {
    const handle = handles.read(exchange, 'new');
    if (handle === undefined) throw nothingBegun();
    const { url, method, headers, body } = exchange.request;
    const given = await readJson(new Response(body)).catch(malformed);
    const request = new Request(url, {
      method,
      headers,
      body: JSON.stringify({ ...asObject(given), handle }),
    });
    request.headers.delete('content-length');
    const response = await forward({ ...exchange, request }, { ...READABLE, Authorization: basic });
    if (response.ok || response.status === 410) handles.drop(exchange);
    return withoutTokens(response, exchange);
  }

  const own: Readonly<Record<string, (exchange: Exchange) => Promise<Response>>> = {
    refresh,
    guest: becomeGuest,
    logout,
    'logout-all': logoutAll,
    'social/register': registerSocially,
  };

  /** Answers what a browser posts to auth-server; undefined where the request is another's. */
  return async (exchange: Exchange): Promise<Response | undefined> => {
    const { request, target } = exchange;
    if (request.method !== 'POST' || !target.path.startsWith(AUTH)) return undefined;
    if (request.headers.has('authorization')) return undefined;
    const name = target.path.slice(AUTH.length);
    const handle = Object.hasOwn(own, name) ? own[name] : undefined;
    if (handle) return handle(exchange);
    const response = FOR_STRANGERS.test(name)
      ? await forward(exchange, { ...READABLE, Authorization: basic })
      : await forwardVisitor(exchange, READABLE);
    return withoutTokens(response, exchange);
  };
}
export type FirstParty = ReturnType<typeof createFirstParty>;

const noSession = () => new ProblemError(401, 'AUTH_1009', 'There is no session to renew.');
const nothingBegun = () =>
  new ProblemError(410, 'AUTH_1006', 'The sign-in is over or was not begun here. Start it again.');

function malformed(cause: unknown): never {
  throw new ProblemError(400, 'REQ_4000', 'The request is malformed.', { cause });
}

/** What is no object is for auth-server to refuse. */
const asObject = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {});
