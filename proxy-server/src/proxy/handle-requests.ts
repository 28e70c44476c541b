import { requestIdFrom, traceparentFrom } from '@doa-market/common/context';
import { ProblemError, toProblemError } from '@doa-market/common/errors';
import type { ReadinessProbe } from '@doa-market/common/lifecycle';
import type { Logger } from '@doa-market/common/logging';
import type { Answer } from '../cache/http-cache.ts';
import type { AccessLog } from '../observability/access-log.ts';
import type { ProxyMetrics } from '../observability/metrics.ts';
import { routeClass } from '../observability/route-class.ts';
import { applyChanges } from '../session/cookies.ts';
import type { Exchange } from './exchange.ts';
import { errorPageResponse, problemResponse, wantsPage } from './failure.ts';
import type { Target } from './target.ts';

/** The nginx number for "the client closed the request", seen in logs alone. */
const CLIENT_LEFT = 499;

/** An exchange of which not everything is known yet. */
export interface Draft extends Omit<Exchange, 'target' | 'host'> {
  target?: Target;
  /** The pattern of its route, where it has one. */
  route?: string;
}

interface HandlerOptions {
  answer: (draft: Draft) => Promise<Partial<Answer>>;
  logger: Logger;
  metrics: ProxyMetrics;
  logAccess: AccessLog['request'];
  readiness: ReadinessProbe;
}

/** Builds what is around every answer: its ids, its line in the log, and what is said where there is none. */
export function createRequestHandler({ answer, logger, metrics, logAccess, readiness }: HandlerOptions) {
  function failure(error: unknown, { request, target, requestId }: Draft): Response {
    if (request.signal.aborted) return new Response(null, { status: CLIENT_LEFT });
    const problem = toProblemError(error);
    if (problem.status >= 500) logger.error({ requestId, err: problem.cause ?? problem }, problem.message);
    const asPage = problem.status >= 500 && target && wantsPage(request, target);
    return asPage
      ? errorPageResponse(problem, requestId)
      : problemResponse(problem, target?.path ?? '/', requestId);
  }

  return async (request: Request, peerOf: (request: Request) => string): Promise<Response> => {
    const startedAt = performance.now();
    const draft: Draft = {
      request,
      requestId: requestIdFrom(request.headers.get('x-request-id') ?? undefined),
      traceparent: traceparentFrom(request.headers.get('traceparent') ?? undefined),
      peer: () => peerOf(request),
    };
    metrics.requestStarted();
    let answered: Partial<Answer>;
    try {
      answered = await answer(draft);
    } catch (error) {
      answered = { response: failure(error, draft) };
    }
    const { requestId, target, changes } = draft;
    const response = answered.response ?? problemResponse(unanswered(), '/', requestId);
    response.headers.set('X-Request-Id', requestId);
    if (changes) applyChanges(response.headers, changes);
    if (readiness.isDraining()) response.headers.set('Connection', 'close');
    logAccess({
      method: request.method,
      path: target?.path ?? '/',
      route: target ? routeClass(target, draft.route) : 'refused',
      status: response.status,
      cache: answered.outcome,
      requestId,
      traceparent: draft.traceparent,
      startedAt,
    });
    return response;
  };
}
export type RequestHandler = ReturnType<typeof createRequestHandler>;

const unanswered = () => new ProblemError(500, 'SYS_5000', 'Something went wrong on our side.');
