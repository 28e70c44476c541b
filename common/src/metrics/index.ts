import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** The registry of one server: the process's own figures and one histogram of its requests. */
export function createMetrics(service: string) {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });

  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request line to the last byte of the answer, by route pattern',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  const inFlight = new Gauge({
    name: 'http_requests_in_flight',
    help: 'Requests being served now',
    registers: [registry],
  });
  const upstream = new Histogram({
    name: 'upstream_request_duration_seconds',
    help: 'Time of a call to another server, by its outcome',
    labelNames: ['upstream', 'outcome'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });

  return {
    registry,
    requestStarted: () => inFlight.inc(),
    /** @param seconds from the first byte in to the last byte out */
    requestFinished(method: string, route: string, status: number, seconds: number) {
      inFlight.dec();
      requests.observe({ method, route, status: String(status) }, seconds);
    },
    upstreamFinished(name: string, outcome: string, seconds: number) {
      upstream.observe({ upstream: name, outcome }, seconds);
    },
  };
}
export type Metrics = ReturnType<typeof createMetrics>;
