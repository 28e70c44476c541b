import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What a client of another server says of itself when it is asked. */
export interface UpstreamFigures {
  inFlight: number;
  circuit: 'closed' | 'half-open' | 'open';
}
const CIRCUITS = ['closed', 'half-open', 'open'] as const;

/** The registry of one server: the process's own figures and one histogram of its requests. */
export function createMetrics(service: string) {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });

  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request line to the last byte of the answer, by route pattern',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
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
    buckets: SECONDS,
    registers: [registry],
  });

  const retries = new Counter({
    name: 'upstream_retries_total',
    help: 'Reads that were sent to another server a second time',
    labelNames: ['upstream'],
    registers: [registry],
  });
  const clients = new Map<string, () => UpstreamFigures>();
  new Gauge({
    name: 'upstream_requests_in_flight',
    help: 'Calls to another server that wait for their answer now',
    labelNames: ['upstream'],
    registers: [registry],
    collect() {
      for (const [name, figures] of clients) this.set({ upstream: name }, figures().inFlight);
    },
  });
  new Gauge({
    name: 'upstream_circuit_state',
    help: '1 for the state that the circuit breaker of another server is in',
    labelNames: ['upstream', 'state'],
    registers: [registry],
    collect() {
      for (const [name, figures] of clients) {
        const { circuit } = figures();
        for (const state of CIRCUITS) this.set({ upstream: name, state }, Number(state === circuit));
      }
    },
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
    upstreamRetried: (name: string) => retries.inc({ upstream: name }),
    watchUpstream: (name: string, figures: () => UpstreamFigures) => clients.set(name, figures),
  };
}
export type Metrics = ReturnType<typeof createMetrics>;
