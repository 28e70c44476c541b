import type { Logger } from '@doa-market/common/logging';
import type { Metrics } from '@doa-market/common/metrics';
import type { Middleware } from 'koa';

/** Probes come every second; their lines would bury the others. */
const QUIET = new Set(['/health', '/ready', '/metrics']);

/** One line and one observation per request, by route pattern. */
export const requestLog =
  ({ logger, metrics }: { logger: Logger; metrics: Metrics }): Middleware =>
  async (ctx, next) => {
    const startedAt = performance.now();
    metrics.requestStarted();
    try {
      await next();
    } finally {
      const ms = performance.now() - startedAt;
      const { method, status } = ctx;
      const route = QUIET.has(ctx.path) ? ctx.path : String(ctx['_matchedRoute'] ?? 'unmatched');
      metrics.requestFinished(method, route, status, ms / 1_000);
      logger[QUIET.has(route) ? 'debug' : 'info'](
        { method, route, status, ms: Math.round(ms * 10) / 10 },
        'request',
      );
    }
  };
