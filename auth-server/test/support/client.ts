import { randomBytes } from 'node:crypto';
import { type SessionTokens, SessionTokensSchema } from '@doa-market/common/contracts';
import { Compile } from 'typebox/compile';
import { PASSWORD, someMember, type TestMember } from './members.ts';

export const basicOf = (client: string) => `Basic ${Buffer.from(client).toString('base64')}`;
export const WEB = basicOf('doa-web:doa-web-development-secret');
export const bearerOf = ({ accessToken }: { accessToken: string }) => `Bearer ${accessToken}`;

const tokensValidator = Compile(SessionTokensSchema);

interface Sent {
  authorization?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Calls the auth-server at `url`. */
export function createClient(url: string) {
  const send = (method: string, path: string, { authorization, body, headers }: Sent = {}) =>
    fetch(`${url}${path}`, {
      method,
      headers: {
        ...(authorization && { authorization }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });

  const refresh = (refreshToken: unknown, authorization = WEB) =>
    send('POST', '/api/auth/refresh', { authorization, body: { refreshToken } });

  return {
    url,
    send,
    /** From an address of its own, so that no test's attempts count for another's. */
    async login({ email }: TestMember, headers: Record<string, string> = {}): Promise<SessionTokens> {
      const response = await send('POST', '/api/auth/login', {
        authorization: WEB,
        body: { email, password: PASSWORD },
        headers: { 'x-forwarded-for': someAddress(), ...headers },
      });
      return tokensOf(response);
    },
    refresh,
    refreshed: async (refreshToken: string): Promise<SessionTokens> => tokensOf(await refresh(refreshToken)),
    sessions: (tokens: SessionTokens) =>
      send('GET', '/api/auth/sessions', { authorization: bearerOf(tokens) }),
  };
}
export type Client = ReturnType<typeof createClient>;

const someAddress = () => `10.${Array.from(randomBytes(3)).join('.')}`;

export async function tokensOf(response: Response): Promise<SessionTokens> {
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return tokensValidator.Parse(await response.json());
}

/** Signs a member of its own in. */
export async function signedIn(client: Client) {
  const member = someMember();
  return { member, tokens: await client.login(member) };
}
