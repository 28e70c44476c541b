import { randomUUID } from 'node:crypto';
import { ProblemSchema } from '@doa-market/common/contracts';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Accounts, argon2id, PASSWORD, someEmail, startAccounts } from './support/accounts.ts';
import { basicOf, WEB } from './support/client.ts';

const CALLERS = [
  'nobody',
  'a stranger with a client\u2019s name',
  'the shop\u2019s client',
  'a guest',
  'a member',
  'a seller',
  'an administrator',
  'member-server with its key',
  'member-server',
  'product-server',
  'member-server with a token for another server',
] as const;
type Caller = (typeof CALLERS)[number];

const ANYBODY: readonly Caller[] = CALLERS;
const CLIENT: readonly Caller[] = ['the shop\u2019s client'];
const MEMBERS: readonly Caller[] = ['a member', 'a seller', 'an administrator'];

/** Who gets in, by operationId. Whose sessions and events they are is the caller's own `sub`. */
const MAY: Record<string, readonly Caller[]> = {
  getKeys: ANYBODY,
  createGuestToken: CLIENT,
  register: CLIENT,
  verifyEmail: CLIENT,
  resendVerification: CLIENT,
  login: CLIENT,
  refreshSession: CLIENT,
  introspectToken: CLIENT,
  forgotPassword: CLIENT,
  resetPassword: CLIENT,
  completeSocialSignIn: CLIENT,
  registerSocially: CLIENT,
  startSocialSignIn: [...CLIENT, ...MEMBERS],
  linkSocialSignIn: MEMBERS,
  logout: [...CLIENT, 'a guest', ...MEMBERS],
  logoutEverywhere: MEMBERS,
  listSessions: MEMBERS,
  revokeSession: MEMBERS,
  listSecurityEvents: MEMBERS,
  changePassword: MEMBERS,
  startCertification: MEMBERS,
  completeCertification: MEMBERS,
  createServiceToken: ['member-server with its key'],
  endSessions: ['member-server'],
};

const TokenSchema = Type.Object({ accessToken: Type.String() });

let accounts: Accounts;

beforeAll(async () => {
  accounts = await startAccounts();
});
afterAll(() => accounts.close());

async function tokenOf(response: Response): Promise<string> {
  const { accessToken } = Value.Parse(TokenSchema, await response.json());
  return `Bearer ${accessToken}`;
}

async function signIn(role: string): Promise<string> {
  const email = someEmail();
  accounts.memberServer.add({ email, role, passwordHash: await argon2id(PASSWORD) });
  return tokenOf(await accounts.login(email));
}

const keyOf = (server: string) => basicOf(`${server}:${server}-development-secret`);
const serviceToken = async (server: string, audience: string) =>
  tokenOf(await accounts.post('/internal/service-tokens', { audience }, { authorization: keyOf(server) }));

/** Each time a new session: some of what is called ends the one that calls. */
const AUTHORIZATION: Record<Caller, () => Promise<string> | string> = {
  nobody: () => '',
  'a stranger with a client\u2019s name': () => basicOf('doa-web:a-guess-that-is-long-enough'),
  'the shop\u2019s client': () => WEB,
  'a guest': async () => tokenOf(await accounts.post('/api/auth/guest')),
  'a member': () => signIn('MEMBER'),
  'a seller': () => signIn('SELLER'),
  'an administrator': () => signIn('ADMIN'),
  'member-server with its key': () => keyOf('member-server'),
  'member-server': () => serviceToken('member-server', 'auth-server'),
  'product-server': () => serviceToken('product-server', 'auth-server'),
  'member-server with a token for another server': () => serviceToken('member-server', 'product-server'),
};

interface Operation {
  operationId: string;
  method: string;
  path: string;
}

async function operations(): Promise<Operation[]> {
  const document = await (await fetch(`${accounts.url}/docs/json`)).json();
  const { paths } = document as { paths: Record<string, Record<string, { operationId: string }>> };
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { operationId }]) => ({
      operationId,
      method: method.toUpperCase(),
      path,
    })),
  );
}

/** What it wants is nonsense: whoever is let in is told so, and nothing else happens. */
async function isLetIn({ method, path }: Operation, caller: Caller): Promise<boolean> {
  const authorization = await AUTHORIZATION[caller]();
  const hasBody = method !== 'GET' && method !== 'DELETE';
  const response = await fetch(accounts.url + path.replace(/\{\w+\}/g, () => randomUUID()), {
    method,
    headers: {
      ...(authorization && { authorization }),
      ...(hasBody && { 'content-type': 'application/json' }),
    },
    ...(hasBody && { body: '{}' }),
  });
  if (response.status !== 401 && response.status !== 403) return true;
  const { code } = Value.Parse(ProblemSchema, await response.json());
  return !['AUTH_1001', 'AUTH_1002', 'AUTH_1003'].includes(code);
}

describe('the door of auth-server', () => {
  it('is watched at every operation there is', async () => {
    const ids = (await operations()).map(({ operationId }) => operationId);
    expect(ids.sort()).toEqual(Object.keys(MAY).sort());
  });

  it.each(CALLERS)('lets %s in where the table says so, and nowhere else', async (caller) => {
    const letIn: string[] = [];
    for (const operation of await operations()) {
      if (await isLetIn(operation, caller)) letIn.push(operation.operationId);
    }
    const expected = Object.keys(MAY).filter((id) => MAY[id]?.includes(caller));
    expect(letIn.sort()).toEqual(expected.sort());
  });
});
