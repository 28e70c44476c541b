import { serve } from '../lifecycle/index.ts';
import type { App } from './types.ts';

/** Listens and owns the process until it is told to stop. */
export async function start(
  name: string,
  app: App,
  config: { HOST: string; PORT: number; SHUTDOWN_TIMEOUT: number },
): Promise<void> {
  await serve({
    name,
    logger: app.log,
    readiness: app.readiness,
    shutdownTimeout: config.SHUTDOWN_TIMEOUT,
    listen: () => app.listen({ host: config.HOST, port: config.PORT }),
    close: () => app.close(),
  });
}
