import { startServerProcess } from '@doa-market/scripts/server-process';
import { createClient } from './client.ts';

/** The server as a process of its own, as in production. */
export async function startProcess(environment: Record<string, string>) {
  const { url, log, kill } = await startServerProcess('auth-server', {
    NODE_ENV: 'test',
    LOG_LEVEL: 'info',
    ...environment,
  });
  return {
    ...createClient(url),
    output: log,
    stop: (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => kill(signal),
  };
}
export type RunningProcess = Awaited<ReturnType<typeof startProcess>>;
