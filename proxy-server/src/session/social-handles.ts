import type { Exchange } from '../proxy/exchange.ts';
import { type Cookies, change, isWellFormed } from './cookies.ts';

/** What a handle of auth-server is good for: signing in, linking to the member who is here, or registering. */
type Purpose = 'in' | 'link' | 'new';
/** Seconds that auth-server keeps each of them. */
const MAX_AGE: Readonly<Record<Purpose, number>> = { in: 600, link: 600, new: 1_800 };

/**
 * Builds the place of what a social login is in the middle of: in this browser alone, so that nobody can be
 * signed in by a link that somebody else began.
 */
export function createSocialHandles(cookies: Cookies) {
  return {
    /** False for a handle that no cookie can carry. */
    keep(exchange: Exchange, purpose: Purpose, handle: string): boolean {
      const value = `${purpose}.${handle}`;
      if (!isWellFormed('social', value)) return false;
      change(exchange, cookies.set('social', value, MAX_AGE[purpose]));
      return true;
    },
    read(exchange: Exchange, purpose: Purpose): string | undefined {
      const value = cookies.read(exchange.request.headers.get('cookie')).values.social;
      return value?.startsWith(`${purpose}.`) ? value.slice(purpose.length + 1) : undefined;
    },
    drop: (exchange: Exchange) => change(exchange, cookies.clear('social')),
  };
}
export type SocialHandles = ReturnType<typeof createSocialHandles>;
