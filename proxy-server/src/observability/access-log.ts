import { traceIdOf } from '@doa-market/common/context';
import type { Logger } from '@doa-market/common/logging';
import type { CacheOutcome } from '../cache/cache-status.ts';
import type { ProxyMetrics } from './metrics.ts';

export interface Served {
  method: string;
  /** Without the query, which may carry what is nobody's business. */
  path: string;
  route: string;
  status: number;
  cache?: CacheOutcome | undefined;
  requestId: string;
  traceparent: string;
  /** Milliseconds as performance.now() has them. */
  startedAt: number;
}

/** Builds the one line, and the one observation, that every request leaves behind. */
export function createAccessLog(logger: Logger, metrics: ProxyMetrics) {
  return (served: Served): void => {
    const { method, path, route, status, cache, requestId } = served;
    const duration = performance.now() - served.startedAt;
    metrics.requestFinished(method, route, status, duration / 1_000);
    if (cache) metrics.countOutcome(cache);
    if (!logger.isLevelEnabled('info')) return;
    logger.info(
      {
        method,
        path,
        route,
        status,
        cache,
        durationMs: Math.round(duration * 100) / 100,
        requestId,
        traceId: traceIdOf(served.traceparent),
      },
      'request',
    );
  };
}
