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
  function request(served: Served): void {
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
  }

  const timestamp = createTimestamps();

  return {
    request,
    /** What the lines of one address have in common. */
    addressPart: ({ path, route }: Pick<Served, 'path' | 'route'>): string =>
      `","name":"proxy-server","method":"GET","path":${JSON.stringify(path)},"route":${JSON.stringify(route)},` +
      `"status":200,"cache":"HIT","requestId":"`,
    /**
     * A fresh page took microseconds, which nobody measures; the line is made of parts for the same reason.
     * @param now milliseconds since the epoch
     */
    freshHit(addressPart: string, requestId: string, bytes: number, now: number): void {
      metrics.countFreshHit(bytes);
      if (enabled)
        write(`{"level":"info","time":"${timestamp(now)}${addressPart}${requestId}","msg":"request"}\n`);
    },
  };
}
export type AccessLog = ReturnType<typeof createAccessLog>;

/** One string for all requests of a millisecond. */
function createTimestamps(): (now: number) => string {
  let last = 0;
  let text = '';
  return (now) => {
    const millisecond = Math.floor(now);
    if (millisecond !== last) {
      last = millisecond;
      text = new Date(millisecond).toISOString();
    }
    return text;
  };
}
