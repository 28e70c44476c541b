import { createReadiness, serve } from '@doa-market/common/lifecycle';
import { createLogger } from '@doa-market/common/logging';
import { Counter, Gauge, Registry } from 'prom-client';
import type { ProxyConfig } from '../config.ts';
import { listenForAdmin } from '../listeners.ts';
import { createFigures, figuresOf } from './figures.ts';
import { createPool } from './pool.ts';

/** Beyond the time that a worker has to drain: it reports that itself. */
const GRACE_MS = 1_000;

/**
 * Runs `size` workers on one port and answers for all of them on the admin port. SIGTERM and SIGINT
 * drain them, SIGHUP replaces them one after another. Leaves with 1 where the first ones cannot start.
 */
export async function supervise(config: ProxyConfig, size: number): Promise<void> {
  const name = 'proxy-server';
  const logger = createLogger({ name, level: config.LOG_LEVEL });
  const readiness = createReadiness([]);
  const figures = createFigures();
  const own = createOwnFigures(() => pool.places.length);
  const pool = createPool({
    size,
    logger,
    onGone: (last) => {
      own.exits.inc();
      return figures.retain(last);
    },
  });
  requireFreePort(config);

  const admin = listenForAdmin(config.ADMIN_PORT, {
    metrics: async () => {
      const living = await Promise.all(pool.places.map((worker) => worker.figures()));
      return figures.total([...living, await figuresOf(own.registry)]);
    },
    ready: async () => (await pool.places.at(-1)?.ready()) ?? NOBODY,
  });
  process.on('exit', pool.killAll);

  await serve({
    name,
    logger,
    readiness,
    shutdownTimeout: config.SHUTDOWN_TIMEOUT + GRACE_MS,
    listen: async () => {
      // The one that could not start has said why.
      if (!(await pool.start())) process.exit(1);
      process.on('SIGHUP', () => void pool.replaceAll());
      return `port ${config.PORT} with ${size} workers`;
    },
    close: async () => {
      await pool.close();
      await admin.stop(true);
    },
  });
}

const NOBODY = { status: 503, body: JSON.stringify({ status: 'unavailable', checks: {} }) };

/** Several programs may share a port once each of them asks to: so the first one asks alone. */
function requireFreePort({ HOST, PORT }: ProxyConfig): void {
  void Bun.serve({ hostname: HOST, port: PORT, fetch: () => new Response(null, { status: 503 }) }).stop(true);
}

function createOwnFigures(living: () => number) {
  const registry = new Registry();
  registry.setDefaultLabels({ service: 'proxy-server' });
  const registers = [registry];
  new Gauge({
    name: 'proxy_workers',
    help: 'Processes that serve the public port',
    registers,
    collect() {
      this.set(living());
    },
  });
  const exits = new Counter({
    name: 'proxy_worker_exits_total',
    help: 'Workers that have left, asked to or not',
    registers,
  });
  return { registry, exits };
}
