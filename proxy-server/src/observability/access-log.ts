import { traceIdOf } from '@doa-market/common/context';
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

interface AccessLogOptions {
  /** Where whole lines go. */
  write: (line: string) => void;
  enabled: boolean;
  metrics: ProxyMetrics;
}

/**
 * Builds the one line, and the one observation, that every request leaves behind. The line has the
 * shape of the logger's own, and is written by hand: it has no field to redact, and it is the hot path.
 */
export function createAccessLog({ write, enabled, metrics }: AccessLogOptions) {
  return (served: Served): void => {
    const { method, path, route, status, cache, requestId } = served;
    const duration = performance.now() - served.startedAt;
    metrics.requestFinished(method, route, status, duration / 1_000);
    if (cache) metrics.countOutcome(cache);
    if (!enabled) return;
    const line = {
      level: 'info',
      time: new Date().toISOString(),
      name: 'proxy-server',
      method,
      path,
      route,
      status,
      cache,
      durationMs: Math.round(duration * 100) / 100,
      requestId,
      traceId: traceIdOf(served.traceparent),
      msg: 'request',
    };
    write(`${JSON.stringify(line)}\n`);
  };
}
