import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Provider } from 'oidc-provider';

export interface Account {
  /** Digits alone, as Kakao has them. */
  sub: string;
  email?: string;
  emailVerified?: boolean;
  name?: string;
}

export interface Registration {
  name: 'kakao' | 'naver' | 'google';
  clientId: string;
  clientSecret: string;
  redirectUri: string;
}

type Fault =
  | 'none'
  | 'hangs up'
  | 'never answers'
  | 'answers 500'
  | 'answers HTML'
  | 'answers an empty object';

const PROFILE_PATHS: Partial<Record<Registration['name'], string>> = {
  kakao: '/v2/user/me',
  naver: '/v1/nid/me',
};

/**
 * A provider of logins, by the library that certified ones are made with, and with what Kakao and Naver make different.
 * Whoever visits it is signed in at once, and agrees.
 */
export async function startIdentityProvider({ name, clientId, clientSecret, redirectUri }: Registration) {
  const accounts = new Map<string, Account>();
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: 'first', alg: 'RS256', use: 'sig' };
  const profilePath = PROFILE_PATHS[name];
  const tokenRequests: Record<string, unknown>[] = [];
  let forge: ((idToken: string) => Promise<string> | string) | undefined;
  let fault: { path: string; how: Fault } = { path: '', how: 'none' };
  const calls: string[] = [];

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'client_secret_post',
        id_token_signed_response_alg: 'RS256',
      },
    ],
    jwks: { keys: [key] },
    cookies: { keys: ['cookie-key-of-a-test'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    ...(name === 'naver' && { routes: { userinfo: profilePath } }),
    // Google tells in the ID token what the specification would have at the userinfo endpoint.
    conformIdTokenClaims: name !== 'google',
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    interactions: { url: (_ctx: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_ctx: unknown, accountId: string) => ({
      accountId,
      claims: () => {
        const { sub, email, emailVerified, name: called } = accountOf(accountId);
        return { sub, email, email_verified: emailVerified, name: called };
      },
    }),
    ttl: { AuthorizationCode: 60, AccessToken: 60, IdToken: 60, Grant: 60, Interaction: 60, Session: 60 },
  });
  provider.use(async (ctx, next) => {
    await next();
    const body: unknown = ctx.body;
    if (typeof body !== 'object' || body === null) return;
    if (ctx.path === '/token') {
      tokenRequests.push({ ...ctx.oidc?.body });
      if (forge && 'id_token' in body) body.id_token = await forge(String(body.id_token));
    }
    // Of the three Google alone may come to say who it is.
    if (ctx.path === '/.well-known/openid-configuration' && name !== 'google') {
      ctx.body = { ...body, authorization_response_iss_parameter_supported: undefined };
    }
  });
  const handle = provider.callback();

  function accountOf(sub: string): Account {
    const account = accounts.get(sub);
    if (!account) throw new Error(`no account ${sub}`);
    return account;
  }

  async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { params } = await provider.interactionDetails(request, response);
    const accountId = String(params['login_hint']);
    const grant = new provider.Grant({ accountId, clientId });
    grant.addOIDCScope(String(params['scope']));
    const consent = { grantId: await grant.save() };
    await provider.interactionFinished(request, response, { login: { accountId }, consent });
  }

  async function answerProfile(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = await provider.AccessToken.find(
      (request.headers.authorization ?? '').replace('Bearer ', ''),
    );
    if (!token) return void response.writeHead(401).end();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(profileOf(name, accountOf(token.accountId))));
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', issuer);
    calls.push(pathname);
    if (fault.how !== 'none' && pathname.startsWith(fault.path)) return fail(fault.how, response);
    if (pathname.startsWith('/interaction/')) return interact(request, response);
    if (pathname === profilePath) return answerProfile(request, response);
    await handle(request, response);
  }

  return {
    issuer,
    profileUrl: `${issuer}${profilePath ?? '/me'}`,
    /** The bodies of all token requests. */
    tokenRequests,
    /** What it has been asked since the last time. */
    takeCalls: () => calls.splice(0),
    add: (account: Account) => accounts.set(account.sub, account),
    /** Makes ID tokens other than they are. */
    forgeIdTokens: (how: typeof forge) => {
      forge = how;
    },
    /** Signs what is said of somebody with the key that is published. */
    sign: async (idToken: string, change: Record<string, unknown>) =>
      new SignJWT({ ...decodeJwt(idToken), ...change })
        .setProtectedHeader({ alg: 'RS256', kid: 'first' })
        .sign(privateKey),
    fail: (how: Fault, path = '') => {
      fault = { how, path };
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
export type IdentityProvider = Awaited<ReturnType<typeof startIdentityProvider>>;

function fail(how: Fault, response: ServerResponse): void {
  if (how === 'hangs up') response.destroy();
  if (how === 'answers 500') response.writeHead(500).end('{}');
  if (how === 'answers HTML') response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Hello');
  if (how === 'answers an empty object') {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }
}

function profileOf(name: Registration['name'], { sub, email, emailVerified, name: called }: Account): object {
  if (name === 'kakao') {
    const account = { email, is_email_valid: true, is_email_verified: emailVerified };
    return { id: Number(sub), kakao_account: { ...account, profile: { nickname: called } } };
  }
  return { resultcode: '00', message: 'success', response: { id: sub, email, name: called } };
}

/**
 * The way of a browser through a provider: what it comes back with.
 * @param who the account that its owner has there
 */
export async function visit(authorizationUrl: string, who: string, redirectUri: string) {
  const cookies = new Map<string, string>();
  let url = new URL(authorizationUrl);
  url.searchParams.set('login_hint', who);
  for (let hop = 0; hop < 10; hop += 1) {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value) cookies.set(name, value);
      else cookies.delete(name);
    }
    const location = response.headers.get('location');
    if (location === null) throw new Error(`${response.status} ${await response.text()}`);
    url = new URL(location, url);
    if (url.href.startsWith(redirectUri)) return Object.fromEntries(url.searchParams);
  }
  throw new Error('the provider leads in circles');
}
