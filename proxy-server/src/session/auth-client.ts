import type { AccessToken, SessionTokens } from '@doa-market/common/contracts';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Exchange } from '../proxy/exchange.ts';
import type { AddHop } from '../proxy/hop.ts';
import type { SendUpstream } from '../proxy/upstream.ts';
import { readBody } from '../streams/read-body.ts';
import { accessToken, sessionTokens } from './tokens.ts';

/** No answer about tokens is longer. */
export const MAX_ANSWER_BYTES = 64 * 1024;
/** Renewing a token is on everybody's way: what takes longer counts as away. */
const PATIENCE = 3_000;
/** What a body may take after its head, in milliseconds. */
const PATIENCE_FOR_BODY = 500;

export type Refreshed =
  | { kind: 'renewed'; tokens: SessionTokens }
  /** The session is over, or never was. */
  | { kind: 'ended' }
  | { kind: 'unavailable' };

interface Answer {
  status: number;
  value: unknown;
}

const problem = Compile(Type.Object({ code: Type.String() }));

type SocialStep = 'start' | 'complete' | 'link';

interface AuthClientOptions {
  send: SendUpstream;
  gateway: string;
  addHop: AddHop;
  /** The Authorization of a first-party client. */
  basic: string;
  timeout: number;
  /** Told how every call about tokens ended. */
  observe: (call: string, outcome: string) => void;
}

interface Call {
  path: string;
  body: unknown;
  authorization: string;
  /** The visitor for whom it is; the proxy itself calls for nobody in particular. */
  exchange?: Exchange | undefined;
  timeout?: number;
}

/** Builds what the edge itself asks of the API, always through the gateway. */
export function createAuthClient(options: AuthClientOptions) {
  const { send, gateway, addHop, basic, observe } = options;
  const patience = Math.min(options.timeout, PATIENCE);

  /** @throws where no whole JSON answer came in time */
  async function call({ path, body, authorization, exchange, timeout = patience }: Call) {
    const headers = new Headers(exchange ? aboutVisitor(exchange.request.headers) : {});
    if (exchange) addHop(headers, exchange);
    headers.set('Authorization', authorization);
    headers.set('Content-Type', 'application/json');
    headers.set('Accept', 'application/json');
    headers.set('Accept-Encoding', 'identity');
    const response = await send({
      name: 'gateway',
      url: gateway + path,
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      timeout,
      signal: AbortSignal.timeout(timeout + PATIENCE_FOR_BODY),
    });
    return { status: response.status, value: await readJson(response) };
  }

  return {
    /** A GUEST token: the same guest for the same visitor. Undefined where none can be had. */
    async guest(visitorId?: string, exchange?: Exchange): Promise<AccessToken | undefined> {
      const body = visitorId === undefined ? {} : { visitorId };
      const answer = await call({ path: '/api/auth/guest', body, authorization: basic, exchange }).catch(
        absent,
      );
      const token = answer && isSuccess(answer.status) ? accessToken(answer.value) : undefined;
      observe('guest', token ? 'ok' : 'unavailable');
      return token;
    },
    async refresh(refreshToken: string, exchange: Exchange): Promise<Refreshed> {
      const outcome = await call({
        path: '/api/auth/refresh',
        body: { refreshToken },
        authorization: basic,
        exchange,
      }).then(refreshed, () => ({ kind: 'unavailable' }) as const);
      observe('refresh', outcome.kind);
      return outcome;
    },
    /** Ends a session, by its refresh token or else its access token; false where it may still be there. */
    async endSession(
      of: { refreshToken: string } | { bearer: string },
      exchange: Exchange,
    ): Promise<boolean> {
      const [body, authorization] = 'bearer' in of ? [{}, `Bearer ${of.bearer}`] : [of, basic];
      const answer = await call({ path: '/api/auth/logout', body, authorization, exchange }).catch(absent);
      const ended = answer !== undefined && (isSuccess(answer.status) || isOver(answer));
      observe('logout', ended ? 'ok' : 'unavailable');
      return ended;
    },
    /** Gives a member what lay in his cart as a guest. */
    async mergeCart(bearer: string, guestToken: string, exchange: Exchange): Promise<void> {
      const authorization = `Bearer ${bearer}`;
      const body = { guestToken };
      const answer = await call({ path: '/api/cart/merge', body, authorization, exchange }).catch(absent);
      observe('merge', answer && isSuccess(answer.status) ? 'ok' : 'unavailable');
    },
    /** Undefined where no whole answer came. @param bearer of the member who links a provider */
    social: (provider: string, step: SocialStep, body: unknown, exchange: Exchange, bearer?: string) =>
      call({
        path: `/api/auth/social/${provider}/${step}`,
        body,
        authorization: bearer === undefined ? basic : `Bearer ${bearer}`,
        exchange,
        timeout: options.timeout,
      }).catch(absent),
  };
}
export type AuthClient = ReturnType<typeof createAuthClient>;

const absent = () => undefined;
const isSuccess = (status: number) => status >= 200 && status < 300;

function refreshed({ status, value }: Answer): Refreshed {
  if (status === 200) {
    const tokens = sessionTokens(value);
    return tokens ? { kind: 'renewed', tokens } : { kind: 'unavailable' };
  }
  // 400 and 422: it is no refresh token, and will not become one.
  return { kind: isOver({ status, value }) || [400, 422].includes(status) ? 'ended' : 'unavailable' };
}

/** 401 is about the token, unless it is the edge itself that auth-server does not know: that is no logout. */
const isOver = ({ status, value }: Answer): boolean =>
  status === 401 && !(problem.Check(value) && value.code === 'AUTH_1001');

/** What auth-server writes down about a session, and what the hop needs of the hops before it. */
const VISITOR_HEADERS = [
  'user-agent',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
];

function aboutVisitor(headers: Headers): [string, string][] {
  return VISITOR_HEADERS.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  });
}

/** @throws where the body is too long or no JSON; none at all is undefined */
export async function readJson(response: Response): Promise<unknown> {
  const body = await readBody(response, MAX_ANSWER_BYTES);
  if (!body.complete) {
    await body.stream.cancel();
    throw new Error('too long');
  }
  if (body.bytes.byteLength === 0) return undefined;
  return JSON.parse(Buffer.from(body.bytes).toString());
}
