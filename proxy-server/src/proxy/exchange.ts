import { ProblemError } from '@doa-market/common/errors';
import type { CookieChanges } from '../session/cookies.ts';
import type { Target } from './target.ts';

/** One request on its way through: what is known of it before anything is asked of an origin. */
export interface Exchange {
  readonly request: Request;
  readonly target: Target;
  /** Allow-listed, as keys spell it. */
  readonly host: string;
  readonly requestId: string;
  readonly traceparent: string;
  /** The address of the other end of the connection; asked for only where it is needed. */
  readonly peer: () => string;
  /** What the answer changes in the browser, also one that is an error. */
  changes?: CookieChanges;
}

export const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);

/** TRACE would echo credentials, CONNECT would tunnel. */
export function requireKnownMethod(method: string): void {
  if (METHODS.has(method)) return;
  throw new ProblemError(405, 'REQ_4050', 'The method is not supported here.', {
    headers: { Allow: [...METHODS].join(', ') },
  });
}

/** A body on these has no meaning (RFC 9110 section 9.3.1) and is a way to smuggle. */
export const isSafeRead = (method: string): boolean => method === 'GET' || method === 'HEAD';
