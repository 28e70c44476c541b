import { loadConfig } from '@doa-market/common/config';
import { runMain, serve } from '@doa-market/common/lifecycle';
import { buildApp, SERVER_NAME } from './app.ts';
import { ConfigSchema } from './config.ts';
import { listen } from './http/listen.ts';

runMain(SERVER_NAME, async () => {
  const config = loadConfig(ConfigSchema, process.env);
  const app = await buildApp(config);
  const server = listen(app.koa, config);
  await serve({
    name: SERVER_NAME,
    logger: app.logger,
    readiness: app.readiness,
    shutdownTimeout: config.SHUTDOWN_TIMEOUT,
    listen: server.start,
    close: async () => {
      await server.stop();
      await app.close();
    },
  });
});
