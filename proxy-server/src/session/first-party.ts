import type { SessionTokens } from '@doa-market/common/contracts';
import { ProblemError, unavailable } from '@doa-market/common/errors';
import type { Exchange } from '../proxy/exchange.ts';
import type { Forward } from '../proxy/forward.ts';
import { readBody } from '../proxy/read-body.ts';
import { readAccessToken } from './access-token.ts';
import { type AuthClient, MAX_ANSWER_BYTES } from './auth-client.ts';
import { type Cookies, change } from './cookies.ts';
import type { Identify } from './identity.ts';
import type { Refreshes } from './refreshes.ts';
import type { SignIn } from './sign-in.ts';
import { mentionsTokens, sessionCookies, sessionTokens } from './tokens.ts';
import type { VisitorForward } from './visitor-forward.ts';

interface FirstPartyOptions {
  forward: Forward;
  forwardVisitor: VisitorForward;
  client: AuthClient;
  cookies: Cookies;
  refreshes: Refreshes;
  identify: Identify;
  signIn: SignIn;
  /** The Authorization of a first-party client. */
  basic: string;
  clock: () => number;
}

const AUTH = '/api/auth/';
/** What a browser may ask of auth-server before it is anybody: the edge is the client that vouches for it. */
const FOR_STRANGERS = /^(?:login|register|email\/[\w-]+|password\/(?:forgot|reset)|social\/register)$/;
/** An answer that may have tokens in it must be readable here. */
const NEVER_STORED = { 'Cache-Control': 'private, no-store' };
const READABLE = { 'Accept-Encoding': 'identity' };

/** Builds the side of auth-server's API that browsers see: tokens go into cookies, never into a body. */
export function createFirstParty(options: FirstPartyOptions) {
  const { forward, forwardVisitor, client, cookies, refreshes, identify, signIn, basic, clock } = options;
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
    if (outcome?.kind !== 'renewed') {
      clearAll(exchange);
      throw noSession();
    }
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

  /** @throws {ProblemError} 502 for an answer in which tokens may be that cannot be taken out */
  async function withoutTokens(response: Response, exchange: Exchange): Promise<Response> {
    if (!response.ok || !/\bjson\b/i.test(response.headers.get('content-type') ?? '')) return response;
    const body = await readBody(response, MAX_ANSWER_BYTES);
    const value = body.complete ? parseJson(body.bytes) : undefined;
    const tokens = sessionTokens(value);
    if (!body.complete || value === undefined || (!tokens && mentionsTokens(value))) throw unreadable();
    const headers = new Headers(response.headers);
    headers.delete('content-length');
    if (!tokens) return new Response(body.bytes, { status: response.status, headers });
    await signIn(tokens, exchange);
    return new Response(JSON.stringify(visible(tokens)), { status: response.status, headers });
  }

  const own: Readonly<Record<string, (exchange: Exchange) => Promise<Response>>> = {
    refresh,
    guest: becomeGuest,
    logout,
    'logout-all': logoutAll,
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

const visible = ({ role, memberId, expiresIn }: SessionTokens) => ({ role, memberId, expiresIn });

const noSession = () => new ProblemError(401, 'AUTH_1009', 'There is no session to renew.');
const unreadable = () => new ProblemError(502, 'SYS_5002', 'The server behind gave no valid answer.');

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
}
