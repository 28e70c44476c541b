import { ProblemError } from '@doa-market/common/errors';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Exchange } from '../proxy/exchange.ts';
import type { AuthClient } from './auth-client.ts';
import type { Identify } from './identity.ts';
import { safeRedirect } from './safe-redirect.ts';
import type { SignIn } from './sign-in.ts';
import type { SocialHandles } from './social-handles.ts';
import { sessionTokens } from './tokens.ts';

interface SocialOptions {
  client: AuthClient;
  handles: SocialHandles;
  identify: Identify;
  signIn: SignIn;
}

const ADDRESS = /^\/auth\/social\/([a-z]{2,20})(\/callback)?$/;
const FAILED = '/auth/login?error=social';
/** There is an account already: its owner signs in to it, and links the provider there. */
const HAS_ACCOUNT = `${FAILED}&reason=account`;
const LINK_FAILED = '/account?error=social';
const MAX_PARAMETER_LENGTH = 2_048;

const started = Compile(
  Type.Object({ authorizationUrl: Type.String({ pattern: '^https?://[!-~]+$' }), handle: Type.String() }),
);
const newcomer = Compile(Type.Object({ status: Type.Literal('AGREEMENTS_REQUIRED'), handle: Type.String() }));
const goesOn = Compile(Type.Object({ redirect: Type.String() }));

/** Builds the browser's side of a login through somebody else (RFC 6749 section 4.1): two redirects. */
export function createSocial({ client, handles, identify, signIn }: SocialOptions) {
  async function start(provider: string, exchange: Exchange): Promise<Response> {
    const query = new URLSearchParams(exchange.target.query);
    const body = { redirect: safeRedirect(query.get('redirect')) };
    const links = query.get('link') === 'true';
    const bearer = links ? await linkingMember(exchange) : undefined;
    if (links && bearer === undefined) return seeOther(LINK_FAILED);
    const answer = await client.social(provider, 'start', body, exchange, bearer);
    if (answer?.status !== 200 || !started.Check(answer.value)) return seeOther(links ? LINK_FAILED : FAILED);
    const { authorizationUrl, handle } = answer.value;
    const kept = handles.keep(exchange, links ? 'link' : 'in', handle);
    return seeOther(kept ? authorizationUrl : FAILED);
  }

  /** A page elsewhere that could begin this might sign its visitor in at the provider as its owner first. */
  async function linkingMember(exchange: Exchange): Promise<string | undefined> {
    if (exchange.request.headers.get('sec-fetch-site') !== 'same-origin') return undefined;
    return identify(exchange);
  }

  async function comeBack(provider: string, exchange: Exchange): Promise<Response> {
    const toSignIn = handles.read(exchange, 'in');
    const toLink = handles.read(exchange, 'link');
    const came = fromProvider(exchange.target.query);
    handles.drop(exchange);
    if (toLink !== undefined)
      return came ? link(provider, { ...came, handle: toLink }, exchange) : seeOther(LINK_FAILED);
    if (!came || toSignIn === undefined) return seeOther(FAILED);
    const answer = await client.social(provider, 'complete', { ...came, handle: toSignIn }, exchange);
    const tokens = answer?.status === 200 ? sessionTokens(answer.value) : undefined;
    if (tokens) {
      await signIn(tokens, exchange);
      return seeOther(destination(answer?.value));
    }
    const isNew = answer?.status === 200 && newcomer.Check(answer.value) ? answer.value : undefined;
    if (isNew && handles.keep(exchange, 'new', isNew.handle))
      return seeOther(`/auth/register?social=${provider}`);
    return seeOther(answer?.status === 409 ? HAS_ACCOUNT : FAILED);
  }

  async function link(provider: string, body: Record<string, string>, exchange: Exchange): Promise<Response> {
    const bearer = await identify(exchange);
    if (bearer === undefined) return seeOther(LINK_FAILED);
    const answer = await client.social(provider, 'link', body, exchange, bearer);
    return seeOther(answer?.status === 200 ? destination(answer.value) : LINK_FAILED);
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
    return callback ? comeBack(provider, exchange) : start(provider, exchange);
  };
}
export type Social = ReturnType<typeof createSocial>;

const destination = (value: unknown) => safeRedirect(goesOn.Check(value) ? value.redirect : undefined);

const seeOther = (location: string) =>
  new Response(null, {
    status: 303,
    headers: { Location: location, 'Cache-Control': 'private, no-store', 'Referrer-Policy': 'no-referrer' },
  });

/** What the provider sends back; `iss` says which one it was (RFC 9207). */
function fromProvider(query: string): Record<string, string> | undefined {
  const parameters = new URLSearchParams(query);
  const [code, state, iss] = ['code', 'state', 'iss'].map((name) => parameters.getAll(name));
  const all = [code, state, iss].flatMap((values) => values ?? []);
  if (all.some((value) => value === '' || value.length > MAX_PARAMETER_LENGTH)) return undefined;
  const isOnce = code?.length === 1 && state?.length === 1 && (iss?.length ?? 0) <= 1;
  return isOnce
    ? { code: code.join(), state: state.join(), ...(iss?.length === 1 && { iss: iss.join() }) }
    : undefined;
}
