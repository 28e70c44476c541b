import type { App } from './app.ts';
import type { ProxyConfig } from './config.ts';

/** Seconds that a connection may say nothing, in either direction. */
const IDLE_SECONDS = 120;
const MAX_BODY_BYTES = 32 * 2 ** 20;
const POLL_MS = 20;

/** Opens the public listener, and the admin one, which only this machine reaches. */
export function listen(app: App, config: Pick<ProxyConfig, 'HOST' | 'PORT' | 'ADMIN_PORT'>) {
  const main = Bun.serve({
    hostname: config.HOST,
    port: config.PORT,
    development: false,
    idleTimeout: IDLE_SECONDS,
    maxRequestBodySize: MAX_BODY_BYTES,
    fetch: (request, server) => app.fetch(request, (it) => plainAddress(server.requestIP(it)?.address)),
  });
  const admin = Bun.serve({
    hostname: '127.0.0.1',
    port: config.ADMIN_PORT,
    development: false,
    routes: {
      '/metrics': async () =>
        new Response(await app.metrics.registry.metrics(), {
          headers: { 'Content-Type': app.metrics.registry.contentType },
        }),
    },
    fetch: () => new Response(null, { status: 404 }),
  });
  return { main, admin };
}

/** A listener on both families reports IPv4 peers in an IPv6 spelling. */
const plainAddress = (address = 'unknown') => address.replace(/^::ffff:(?=\d+\.)/, '');

type Listeners = ReturnType<typeof listen>;

/**
 * Keeps answering while requests are in flight, so that a balancer can read 503 from /ready and
 * turn away, but no longer than `patience` milliseconds; then takes no more and lets the rest finish.
 */
export async function closeListeners({ main, admin }: Listeners, patience: number): Promise<void> {
  const deadline = performance.now() + patience;
  while (main.pendingRequests > 0 && performance.now() < deadline) await Bun.sleep(POLL_MS);
  await main.stop();
  await admin.stop(true);
}
