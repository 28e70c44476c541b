import { type ProblemError, toProblem } from '@doa-market/common/errors';
import { errorPage } from './error-page.ts';
import type { Target } from './target.ts';

const NEVER_STORED = 'private, no-store';

/** A problem document (RFC 9457). */
export function problemResponse(error: ProblemError, instance: string, requestId: string): Response {
  return new Response(JSON.stringify(toProblem(error, instance, requestId)), {
    status: error.status,
    headers: {
      ...error.headers,
      'Content-Type': 'application/problem+json',
      'Cache-Control': NEVER_STORED,
      'X-Content-Type-Options': 'nosniff',
    },
  });
}

/** What a person sees when there is nothing to show. */
export function errorPageResponse(error: ProblemError, requestId: string): Response {
  return new Response(errorPage(error.status, requestId), {
    status: error.status,
    headers: {
      ...error.headers,
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': NEVER_STORED,
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      'X-Content-Type-Options': 'nosniff',
    },
  });
}

/** Whether a person is looking: an address bar or a link, not a script and not the API. */
export function wantsPage(request: Request, target: Target): boolean {
  if (target.upstream === 'gateway' || request.headers.get('rsc') !== null) return false;
  const accept = request.headers.get('accept') ?? '*/*';
  if (accept.includes('text/html')) return true;
  const isPage = !target.path.slice(target.path.lastIndexOf('/')).includes('.');
  return accept.includes('*/*') && isPage && !target.path.startsWith('/_next/');
}
