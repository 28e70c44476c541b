import { SessionTokensSchema } from '@doa-market/common/contracts';
import { ProblemError } from '@doa-market/common/errors';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Exchange } from '../proxy/exchange.ts';
import type { AuthClient } from './auth-client.ts';
import { type Cookies, change, isWellFormed } from './cookies.ts';
import { safeRedirect } from './safe-redirect.ts';
import type { SignIn } from './sign-in.ts';
import { sessionTokens } from './tokens.ts';

interface SocialOptions {
  client: AuthClient;
  cookies: Cookies;
  signIn: SignIn;
}

const ADDRESS = /^\/auth\/social\/([a-z]{2,20})(\/callback)?$/;
const FAILED = '/auth/login?error=social';
/** Seconds that somebody has at the provider; auth-server keeps the handle as long. */
const HANDLE_MAX_AGE = 600;
const MAX_PARAMETER_LENGTH = 2_048;

const started = Compile(
  Type.Object({ authorizationUrl: Type.String({ pattern: '^https?://[!-~]+$' }), handle: Type.String() }),
);
const completed = Compile(Type.Interface([SessionTokensSchema], { redirect: Type.Optional(Type.String()) }));

/** Builds the browser's side of a login through somebody else (RFC 6749 section 4.1): two redirects. */
export function createSocial({ client, cookies, signIn }: SocialOptions) {
  function failed(exchange: Exchange): Response {
    change(exchange, cookies.clear('social'));
    return redirect(FAILED);
  }

  async function start(provider: string, exchange: Exchange): Promise<Response> {
    const path = safeRedirect(new URLSearchParams(exchange.target.query).get('redirect'));
    const answer = await client.social(provider, 'start', { redirect: path }, exchange);
    if (answer?.status !== 200 || !started.Check(answer.value)) return failed(exchange);
    const { authorizationUrl, handle } = answer.value;
    if (!isWellFormed('social', handle)) return failed(exchange);
    change(exchange, cookies.set('social', handle, HANDLE_MAX_AGE));
    return redirect(authorizationUrl);
  }

  /** The handle is in this browser alone: nobody can be signed in by a link that another one began. */
  async function complete(provider: string, exchange: Exchange): Promise<Response> {
    const { social: handle } = cookies.read(exchange.request.headers.get('cookie')).values;
    const parameters = new URLSearchParams(exchange.target.query);
    const [code, state] = [single(parameters, 'code'), single(parameters, 'state')];
    if (handle === undefined || code === undefined || state === undefined) return failed(exchange);
    const answer = await client.social(provider, 'complete', { code, state, handle }, exchange);
    const tokens = sessionTokens(answer?.value);
    if (answer?.status !== 200 || !tokens || !completed.Check(answer.value)) return failed(exchange);
    change(exchange, cookies.clear('social'));
    await signIn(tokens, exchange);
    return redirect(safeRedirect(answer.value.redirect));
  }

  /** Answers the two addresses of a social login; undefined where the request is for a page. */
  return async (exchange: Exchange): Promise<Response | undefined> => {
    const [, provider, callback] = ADDRESS.exec(exchange.target.path) ?? [];
    if (provider === undefined) return undefined;
    if (exchange.request.method !== 'GET') {
      throw new ProblemError(405, 'REQ_4050', 'The method is not supported here.', {
        headers: { Allow: 'GET' },
      });
    }
    return callback ? complete(provider, exchange) : start(provider, exchange);
  };
}
export type Social = ReturnType<typeof createSocial>;

const redirect = (location: string) =>
  new Response(null, {
    status: 303,
    headers: { Location: location, 'Cache-Control': 'private, no-store', 'Referrer-Policy': 'no-referrer' },
  });

function single(parameters: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = parameters.getAll(name);
  return more.length > 0 || value === '' || (value?.length ?? 0) > MAX_PARAMETER_LENGTH ? undefined : value;
}
