import { randomInt, randomUUID } from 'node:crypto';
import { type Accounts, AGREEMENTS, someEmail, startAccounts } from './accounts.ts';
import {
  type Account,
  type IdentityProvider,
  type Registration,
  startIdentityProvider,
  visit,
} from './identity-provider.ts';
import { startPersonRecords } from './person-records.ts';

export type ProviderName = Registration['name'];

const NAMES: ProviderName[] = ['kakao', 'naver', 'google'];
const PUBLIC_URL = 'https://doa.market';
/** Milliseconds. */
const PATIENCE = 500;

export const redirectUriOf = (name: ProviderName) => `${PUBLIC_URL}/auth/social/${name}/callback`;

/** Somebody with an account at a provider that vouches for the address. */
export const somebody = (overrides: Partial<Account> = {}): Account => ({
  sub: String(randomInt(1_000_000_000, 9_999_999_999)),
  email: someEmail(),
  emailVerified: true,
  name: '김도아',
  ...overrides,
});

const registrationOf = (name: ProviderName): Registration => ({
  name,
  clientId: `doa-${name}`,
  clientSecret: `secret-${randomUUID()}`,
  redirectUri: redirectUriOf(name),
});

/** auth-server with the three providers, each a server of its own, and a member-server that knows identities. */
export async function startSocial() {
  const records = await startPersonRecords();
  const started: [ProviderName, IdentityProvider][] = [];
  const env: Record<string, string> = {};
  for (const name of NAMES) {
    const registration = registrationOf(name);
    const provider = await startIdentityProvider(registration);
    started.push([name, provider]);
    const prefix = name.toUpperCase();
    env[`${prefix}_ISSUER`] = provider.issuer;
    env[`${prefix}_CLIENT_ID`] = registration.clientId;
    env[`${prefix}_CLIENT_SECRET`] = registration.clientSecret;
    if (name === 'kakao') env['KAKAO_PROFILE_URL'] = provider.profileUrl;
  }
  const providers = Object.fromEntries(started) as Record<ProviderName, IdentityProvider>;
  const accounts = await startAccounts({
    env: { ...env, PUBLIC_URL, MEMBER_SERVICE_URL: records.url, REQUEST_TIMEOUT: String(PATIENCE) },
  });
  records.inFrontOf(accounts.memberServer);
  return { ...flowsOf(accounts, providers), accounts, providers, records, close: closeAll };

  async function closeAll(): Promise<void> {
    await accounts.close();
    await records.close();
    await Promise.all(started.map(([, provider]) => provider.close()));
  }
}
export type Social = Awaited<ReturnType<typeof startSocial>>;

export interface Begun {
  authorizationUrl: string;
  handle: string;
}
interface Completion {
  code: string;
  state: string;
  handle: string;
  iss?: string;
}

/** What a browser does, step by step. */
function flowsOf(accounts: Accounts, providers: Record<ProviderName, IdentityProvider>) {
  const path = (name: string, step: string) => `/api/auth/social/${name}/${step}`;
  const bearer = (token: string | undefined) => (token ? { authorization: `Bearer ${token}` } : undefined);

  const start = (name: string, body: object = {}, token?: string) =>
    accounts.post(path(name, 'start'), body, bearer(token));

  async function begin(name: ProviderName, body: object = {}, token?: string): Promise<Begun> {
    const response = await start(name, body, token);
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as Begun;
  }
  /** To the provider, and back with its answer. */
  async function goAndReturn(name: ProviderName, who: Account, { authorizationUrl, handle }: Begun) {
    providers[name].add(who);
    const answer = await visit(authorizationUrl, who.sub, redirectUriOf(name));
    const iss = name === 'google' ? answer['iss'] : undefined;
    return { code: answer['code'] ?? '', state: answer['state'] ?? '', handle, ...(iss && { iss }) };
  }
  const arrive = async (
    name: ProviderName,
    who: Account,
    body: object = {},
    token?: string,
  ): Promise<Completion> => goAndReturn(name, who, await begin(name, body, token));
  const complete = (name: string, completion: object, headers: Record<string, string> = {}) =>
    accounts.post(path(name, 'complete'), completion, headers);
  const link = (name: string, completion: object, token: string) =>
    accounts.post(path(name, 'link'), completion, bearer(token));
  const register = (handle: string, overrides: object = {}, headers: Record<string, string> = {}) =>
    accounts.post('/api/auth/social/register', { handle, agreements: AGREEMENTS, ...overrides }, headers);

  return {
    start,
    begin,
    goAndReturn,
    arrive,
    complete,
    link,
    register,
    /** The handle with which a newcomer registers. */
    async newcomer(name: ProviderName, who: Account, body: object = {}): Promise<string> {
      const response = await complete(name, await arrive(name, who, body));
      const { handle } = (await response.json()) as { handle: string };
      return handle;
    },
  };
}
