import type { SessionTokens } from '@doa-market/common/contracts';
import type { Exchange } from '../proxy/exchange.ts';
import { isGuest, readAccessToken } from './access-token.ts';
import type { AuthClient } from './auth-client.ts';
import { type Cookies, change, type Jar } from './cookies.ts';
import type { Guests } from './guests.ts';
import type { Refreshes } from './refreshes.ts';
import { sessionCookies } from './tokens.ts';

/** How long a login waits for the cart of the guest before it, in milliseconds; the merge itself goes on. */
const WAIT_FOR_CART = 1_000;

interface SignInOptions {
  client: AuthClient;
  cookies: Cookies;
  guests: Guests;
  refreshes: Refreshes;
  clock: () => number;
}

/** Builds what happens in this browser when somebody signs in: nothing of before stays. */
export function createSignIn({ client, cookies, guests, refreshes, clock }: SignInOptions) {
  async function guestToken({ values }: Jar, exchange: Exchange): Promise<string | undefined> {
    const access = readAccessToken(values.access, clock());
    if (access && isGuest(access)) return access.token;
    if (values.visitor === undefined) return undefined;
    return (await guests.of(values.visitor, exchange))?.accessToken;
  }

  async function bringCart(tokens: SessionTokens, jar: Jar, exchange: Exchange): Promise<void> {
    const guest = await guestToken(jar, exchange);
    if (guest !== undefined) await client.mergeCart(tokens.accessToken, guest, exchange);
  }

  return async (tokens: SessionTokens, exchange: Exchange): Promise<void> => {
    const jar = cookies.read(exchange.request.headers.get('cookie'));
    const before = jar.values.refresh;
    if (before !== undefined && before !== tokens.refreshToken) {
      refreshes.forget(before);
      void client.endSession({ refreshToken: before }, exchange);
    }
    await Promise.race([bringCart(tokens, jar, exchange), Bun.sleep(WAIT_FOR_CART)]);
    change(exchange, { ...sessionCookies(cookies, tokens), ...cookies.clear('visitor') });
  };
}
export type SignIn = ReturnType<typeof createSignIn>;
