import { SessionTokensSchema } from '@doa-market/common/contracts';
import { ProblemError } from '@doa-market/common/errors';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Exchange } from '../proxy/exchange.ts';
import type { AuthClient } from './auth-client.ts';
import { applyChanges, type CookieChanges, type Cookies, isWellFormed } from './cookies.ts';
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
  function redirect(location: string, changes: CookieChanges): Response {
    const response = new Response(null, {
      status: 303,
      headers: { Location: location, 'Cache-Control': 'private, no-store', 'Referrer-Policy': 'no-referrer' },
    });
    applyChanges(response.headers, changes);
    return response;
  }
  const failed = () => redirect(FAILED, cookies.clear('social'));

  async function start(provider: string, exchange: Exchange): Promise<Response> {
    const path = safeRedirect(new URLSearchParams(exchange.target.query).get('redirect'));
    const answer = await client.social(provider, 'start', { redirect: path }, exchange);
    if (answer?.status !== 200 || !started.Check(answer.value)) return failed();
    const { authorizationUrl, handle } = answer.value;
    if (!isWellFormed('social', handle)) return failed();
    return redirect(authorizationUrl, cookies.set('social', handle, HANDLE_MAX_AGE));
  }

  /** The handle is in this browser alone: nobody can be signed in by a link that another one began. */
  async function complete(provider: string, exchange: Exchange): Promise<Response> {
    const { social: handle } = cookies.read(exchange.request.headers.get('cookie')).values;
    const parameters = new URLSearchParams(exchange.target.query);
    const [code, state] = [single(parameters, 'code'), single(parameters, 'state')];
    if (handle === undefined || code === undefined || state === undefined) return failed();
    const answer = await client.social(provider, 'complete', { code, state, handle }, exchange);
    const tokens = sessionTokens(answer?.value);
    if (answer?.status !== 200 || !tokens || !completed.Check(answer.value)) return failed();
    const changes = { ...(await signIn(tokens, exchange)), ...cookies.clear('social') };
    return redirect(safeRedirect(answer.value.redirect), changes);
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

function single(parameters: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = parameters.getAll(name);
  return more.length > 0 || value === '' || (value?.length ?? 0) > MAX_PARAMETER_LENGTH ? undefined : value;
}
