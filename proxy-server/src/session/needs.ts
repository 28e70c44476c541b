import { type Exchange, isSafeRead } from '../proxy/exchange.ts';
import type { Target } from '../proxy/target.ts';

/**
 * `nobody`: no token, whoever asks. `session`: the one there is, or none. `anyone`: a token, and a
 * shared guest's will do. `somebody`: a token of the visitor's own, because something is kept for him.
 */
export type Need = 'nobody' | 'session' | 'anyone' | 'somebody';

/** The one list of what is kept for a visitor. */
const OF_THE_VISITOR = ['/api/cart', '/api/wishlist', '/api/members'];
/** What is the same for everybody, so that who asks makes no difference to the answer. */
const PUBLIC = ['/api/home', '/api/categories', '/api/products', '/api/search', '/api/v1', '/api/events'];
const PICTURES = '/api/v1/images';
const AUTH = '/api/auth';

/** Who has to be behind a request before it goes on. */
export function needOf({ request: { method }, target }: Pick<Exchange, 'request' | 'target'>): Need {
  if (method === 'OPTIONS' || isAsset(target)) return 'nobody';
  const { path, upstream } = target;
  if (upstream === 'web' || isUnder(AUTH, path)) return 'session';
  if (!isSafeRead(method) || OF_THE_VISITOR.some((it) => isUnder(it, path))) return 'somebody';
  return 'anyone';
}

/** Would anybody else get the same answer? */
export const isPublicRead = ({ request, target }: Pick<Exchange, 'request' | 'target'>): boolean =>
  isSafeRead(request.method) && PUBLIC.some((it) => isUnder(it, target.path));

/** The same for everybody, and many on every page. */
function isAsset({ path, upstream }: Target): boolean {
  if (upstream === 'gateway') return isUnder(PICTURES, path);
  const file = path.slice(path.lastIndexOf('/'));
  return path.startsWith('/_next/') || (file.includes('.') && !file.endsWith('.rsc'));
}

const isUnder = (prefix: string, path: string) => path === prefix || path.startsWith(`${prefix}/`);
