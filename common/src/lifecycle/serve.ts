import type { Logger } from '../logging/index.ts';
import type { ReadinessProbe } from './readiness.ts';

interface Server {
  name: string;
  logger: Logger;
  readiness: ReadinessProbe;
  listen: () => Promise<string>;
  /** Stops accepting, lets requests in flight finish, then closes what the server opened. */
  close: () => Promise<unknown>;
  /** Milliseconds that a shutdown may take before the process leaves anyway. */
  shutdownTimeout: number;
}

/** Owns the process: listens, drains on SIGTERM and SIGINT, leaves with 1 on what nobody caught. */
export async function serve(server: Server): Promise<void> {
  const { logger, readiness, name } = server;

  const shutDown = (reason: string, exitCode: number) => {
    if (readiness.isDraining()) return;
    readiness.startDraining();
    logger.info({ reason }, `${name} is draining`);
    setTimeout(() => {
      logger.error({ reason }, `${name} did not drain in time`);
      process.exit(1);
    }, server.shutdownTimeout).unref();
    server.close().then(
      () => process.exit(exitCode),
      (error: unknown) => {
        logger.error({ err: error }, `${name} did not close cleanly`);
        process.exit(1);
      },
    );
  };

  process.on('SIGTERM', () => shutDown('SIGTERM', 0));
  process.on('SIGINT', () => shutDown('SIGINT', 0));
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'uncaught exception');
    shutDown('uncaughtException', 1);
  });

  const address = await server.listen();
  logger.info({ address }, `${name} is listening on ${address}`);
}

/** Runs a server's `main`, and turns whatever stops its start into one clear line and exit code 1. */
export function runMain(name: string, main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    const text =
      error instanceof Error ? (error.name === 'ConfigError' ? error.message : error.stack) : error;
    process.stderr.write(`${name} did not start: ${text}\n`);
    process.exit(1);
  });
}
