import { readinessStatusCode, serve } from '@doa-market/common/lifecycle';
import { createLogger } from '@doa-market/common/logging';
import { createApp } from './app.ts';
import type { ProxyConfig } from './config.ts';
import { closeListener, listen, listenForAdmin } from './listeners.ts';
import { createLogBuffer } from './observability/log-buffer.ts';
import { isWorker, openChannel } from './workers/channel.ts';
import { figuresOf } from './workers/figures.ts';
import { followOrders } from './workers/orders.ts';

/** Serves the public port: alone, with an admin port of its own, or as one worker of several. */
export async function startServer(config: ProxyConfig): Promise<void> {
  const worker = isWorker();
  const lines = createLogBuffer(worker);
  const logger = createLogger({ name: 'proxy-server', level: config.LOG_LEVEL }, lines);
  const app = await createApp({ config, logger, writeLine: lines.write });
  const { readiness } = app;
  const { registry } = app.metrics;
  const ready = async () => {
    const result = await readiness.probe();
    return { status: readinessStatusCode(result), body: JSON.stringify(result) };
  };

  const channel = openChannel();
  const orders = followOrders(channel, {
    port: config.PORT,
    ready,
    figures: () => figuresOf(registry),
  });
  const admin = worker
    ? undefined
    : listenForAdmin(config.ADMIN_PORT, { metrics: () => registry.metrics(), ready });
  let listener: ReturnType<typeof listen> | undefined;

  await serve({
    name: 'proxy-server',
    logger,
    readiness,
    shutdownTimeout: config.SHUTDOWN_TIMEOUT,
    listen: async () => {
      listener = listen(app, config, worker);
      await channel.report({ type: 'listening' });
      return listener.url.origin;
    },
    close: async () => {
      if (listener) {
        await closeListener(listener, app, {
          patience: config.SHUTDOWN_TIMEOUT / 2,
          least: orders.isRetired() ? LINGER_MS : 0,
          onClosed: () => channel.report({ type: 'left' }),
        });
      }
      await app.close();
      await admin?.stop(true);
      await orders.farewell();
    },
  });
}

/** For handshakes that were begun with this listener before new ones went to the others. */
const LINGER_MS = 1_000;
