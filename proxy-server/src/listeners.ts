import type { App } from './app.ts';
import type { ProxyConfig } from './config.ts';

/** Without a request for this long, and none in flight, everybody has turned away. */
const QUIET_MS = 200;
const POLL_MS = 20;

type PublicConfig = Pick<ProxyConfig, 'HOST' | 'PORT' | 'IDLE_TIMEOUT' | 'MAX_BODY_BYTES'>;

/** Opens the public listener. @param shared with other processes that ask for the same (SO_REUSEPORT) */
export function listen(app: App, config: PublicConfig, shared: boolean) {
  // One function for all requests: the short way of a hit makes none of its own.
  const peerOf = (request: Request): string => plainAddress(listener.requestIP(request)?.address);
  const listener: Bun.Server<undefined> = Bun.serve({
    hostname: config.HOST,
    port: config.PORT,
    reusePort: shared,
    development: false,
    idleTimeout: Math.ceil(config.IDLE_TIMEOUT / 1_000),
    maxRequestBodySize: config.MAX_BODY_BYTES,
    fetch: (request) => app.fetch(request, peerOf),
  });
  return listener;
}
type Listener = ReturnType<typeof listen>;

/** A listener on both families reports IPv4 peers in an IPv6 spelling. */
const plainAddress = (address = 'unknown') => address.replace(/^::ffff:(?=\d+\.)/, '');

interface AdminAnswers {
  metrics: () => Promise<string>;
  ready: () => Promise<{ status: number; body: string }>;
}

/** Opens the admin listener, which only this machine reaches. */
export function listenForAdmin(port: number, { metrics, ready }: AdminAnswers) {
  return Bun.serve({
    hostname: '127.0.0.1',
    port,
    development: false,
    routes: {
      '/metrics': async () => answer(200, await metrics(), METRICS_TYPE),
      '/health': () => answer(200, '{"status":"ok"}'),
      '/ready': async () => {
        const { status, body } = await ready();
        return answer(status, body);
      },
    },
    fetch: () => new Response(null, { status: 404 }),
  });
}

/** Prometheus's text format. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const answer = (status: number, body: string, type = 'application/json') =>
  new Response(body, { status, headers: { 'Content-Type': type, 'Cache-Control': 'private, no-store' } });

interface Draining {
  /** Milliseconds to go on with what keeps coming; then no more is taken. */
  patience: number;
  /** Milliseconds to go on with in any case: for connections that are still being made. */
  least: number;
  /** Called once nothing new can come. */
  onClosed: () => unknown;
}

/**
 * Keeps answering, now with `Connection: close`, until nobody asks any more, so that a balancer reads
 * 503 from /ready and turns away, and so that no client finds a kept connection closed under a request.
 * Then closes what idles, and waits for what is in flight.
 */
export async function closeListener(listener: Listener, app: App, draining: Draining): Promise<void> {
  const startedAt = performance.now();
  let lastAt = startedAt;
  listener.reload({
    fetch: async (request, server) => {
      lastAt = performance.now();
      const response = await app.fetch(request, (it) => plainAddress(server.requestIP(it)?.address));
      response.headers.set('Connection', 'close');
      return response;
    },
  });
  const isQuiet = (now: number) =>
    listener.pendingRequests === 0 && now - lastAt > QUIET_MS && now - startedAt >= draining.least;
  for (let now = startedAt; now - startedAt < draining.patience; now = performance.now()) {
    if (isQuiet(now)) break;
    await Bun.sleep(POLL_MS);
  }
  const finished = listener.stop();
  draining.onClosed();
  await finished;
}
