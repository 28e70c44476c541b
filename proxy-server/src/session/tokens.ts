import {
  type AccessToken,
  AccessTokenSchema,
  type SessionTokens,
  SessionTokensSchema,
} from '@doa-market/common/contracts';
import { Compile } from 'typebox/compile';
import { type CookieChanges, type Cookies, isWellFormed } from './cookies.ts';

const session = Compile(SessionTokensSchema);
const access = Compile(AccessTokenSchema);

/** As long as member-server keeps a guest's cart, in seconds: his name is of no use after that. */
const VISITOR_MAX_AGE = 30 * 24 * 60 * 60;

/** The tokens of a member's session, where `value` has them in a form that a cookie can carry. */
export function sessionTokens(value: unknown): SessionTokens | undefined {
  if (!session.Check(value)) return undefined;
  const carriable = isWellFormed('access', value.accessToken) && isWellFormed('refresh', value.refreshToken);
  return carriable ? value : undefined;
}

/** The token of a guest, likewise. */
export const accessToken = (value: unknown): AccessToken | undefined =>
  access.Check(value) && isWellFormed('access', value.accessToken) ? value : undefined;

/** Whether anything in `value` is for nobody's eyes, however incomplete the rest of it is. */
export const mentionsTokens = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && ('accessToken' in value || 'refreshToken' in value);

export const sessionCookies = (cookies: Cookies, tokens: SessionTokens): CookieChanges => ({
  ...cookies.set('access', tokens.accessToken, tokens.expiresIn),
  ...cookies.set('refresh', tokens.refreshToken, tokens.refreshExpiresIn),
});

export const guestCookies = (cookies: Cookies, token: AccessToken, visitorId: string): CookieChanges => ({
  ...cookies.set('access', token.accessToken, token.expiresIn),
  ...cookies.set('visitor', visitorId, VISITOR_MAX_AGE),
});
