import { ProblemError } from '@doa-market/common/errors';

/** The request target in origin form (RFC 9112 section 3.2.1), and where it goes. */
export interface Target {
  /** Path and query as they are sent on. */
  readonly url: string;
  readonly path: string;
  readonly query: string;
  readonly upstream: 'gateway' | 'web';
}

/** Spellings that one hop reads as a separator and the next as a name. */
const AMBIGUOUS = /%(?:2f|5c|00|0a|0d)|\\|[^\x21-\x7e]/i;
const BROKEN_ESCAPE = /%(?![0-9a-f]{2})/i;

/**
 * Bun has already resolved dot segments and turned absolute form into origin form,
 * so what is checked here is exactly what is forwarded.
 * @throws {ProblemError} 400 for a target that two hops could read differently
 */
export function parseTarget(requestUrl: string): Target {
  const start = requestUrl.indexOf('/', requestUrl.indexOf('://') + 3);
  if (start < 0 || requestUrl.includes('#')) throw ambiguousTarget();
  const url = requestUrl.slice(start);
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  if (path.startsWith('//') || AMBIGUOUS.test(path) || BROKEN_ESCAPE.test(path)) throw ambiguousTarget();
  return {
    url,
    path,
    query: mark < 0 ? '' : url.slice(mark + 1),
    upstream: path === '/api' || path.startsWith('/api/') ? 'gateway' : 'web',
  };
}

/** What our own servers ask Next.js for, under whatever spelling; nobody comes in by the public port for that. */
export const isInternal = ({ path, upstream }: Target): boolean =>
  upstream === 'web' && /^\/+internal(?:[/.]|$)/i.test(plain(path));

const plain = (path: string): string =>
  path.replace(/%([2-7][0-9a-f])/gi, (_, code) => String.fromCharCode(Number.parseInt(code, 16)));

const ambiguousTarget = () => new ProblemError(400, 'REQ_4001', 'The request target is not acceptable.');
