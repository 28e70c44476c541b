import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadConfig } from '@doa-market/common/config';
import { buildApp } from '../../src/app.ts';
import { ConfigSchema } from '../../src/config.ts';
import { createClient } from './client.ts';

/** The server in this process, with a clock that tests can move. */
export async function startApp(environment: Record<string, string>) {
  let ahead = 0;
  const config = loadConfig(ConfigSchema, { LOG_LEVEL: 'silent', ...environment });
  const app = await buildApp(config, { now: () => Date.now() + ahead });
  const server = createServer(app.koa.callback());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    ...createClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    /** @param milliseconds how far the clock is ahead of the real one from now on */
    setAhead: (milliseconds: number) => {
      ahead = milliseconds;
    },
    now: () => Date.now() + ahead,
    async close(): Promise<void> {
      server.close();
      server.closeAllConnections();
      await app.close();
    },
  };
}
export type RunningApp = Awaited<ReturnType<typeof startApp>>;
