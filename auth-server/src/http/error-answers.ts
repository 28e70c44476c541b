import { notFound, ProblemError, toProblem, toProblemError } from '@doa-market/common/errors';
import { UpstreamError } from '@doa-market/common/http';
import type { Logger } from '@doa-market/common/logging';
import type { Middleware } from 'koa';

/** The one place that decides what leaves of an error: a problem document, and nothing private. */
export const errorAnswers =
  (logger: Logger): Middleware =>
  async (ctx, next) => {
    try {
      await next();
      if (ctx.status === 404 && ctx.body === undefined) throw notFound();
      if (ctx.status === 405) throw methodNotAllowed(ctx.response.get('Allow'));
    } catch (error) {
      const problem = error instanceof UpstreamError ? error.toProblem() : toProblemError(error);
      const level = problem.status >= 500 ? 'error' : 'debug';
      logger[level]({ err: problem.cause ?? problem, code: problem.code }, problem.message);
      ctx.status = problem.status;
      ctx.set({ 'Cache-Control': 'private, no-store', ...problem.headers });
      ctx.body = JSON.stringify(toProblem(problem, ctx.path, String(ctx.state['requestId'])));
      ctx.type = 'application/problem+json';
    }
  };

const methodNotAllowed = (allow: string) =>
  new ProblemError(405, 'REQ_4050', 'The resource does not have this method.', { headers: { Allow: allow } });
