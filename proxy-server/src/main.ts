import { createReadiness, runMain, serve } from '@doa-market/common/lifecycle';
import { createLogger } from '@doa-market/common/logging';
import { createApp } from './app.ts';
import { readConfig } from './config.ts';
import { createDependencies } from './health/dependencies.ts';
import { closeListeners, listen } from './listeners.ts';
import { createLogBuffer } from './observability/log-buffer.ts';
import { allowManyConnections } from './runtime.ts';

runMain('proxy-server', async () => {
  allowManyConnections();
  const config = readConfig(process.env);
  const lines = createLogBuffer();
  const logger = createLogger({ name: 'proxy-server', level: config.LOG_LEVEL }, lines);
  const readiness = createReadiness(createDependencies(config.NEXT_SERVER, config.KONG_GATEWAY_URL));
  const app = createApp({ config, logger, readiness, writeLine: lines.write });
  let listeners: ReturnType<typeof listen> | undefined;

  await serve({
    name: 'proxy-server',
    logger,
    readiness,
    shutdownTimeout: config.SHUTDOWN_TIMEOUT,
    listen: async () => {
      listeners = listen(app, config);
      return listeners.main.url.origin;
    },
    close: async () => {
      if (listeners) await closeListeners(listeners, config.SHUTDOWN_TIMEOUT / 2);
    },
  });
});
