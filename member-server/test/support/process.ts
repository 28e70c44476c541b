import { type ServerProcess, startServerProcess } from '@doa-market/scripts/server-process';

export type RunningProcess = ServerProcess;

/** member-server as a process of its own, which can be killed. On a busy machine its database may come too late. */
export const startProcess = (env: Record<string, string>, attempts = 3): Promise<RunningProcess> =>
  startServerProcess('member-server', env).catch((error: unknown) => {
    if (attempts === 1) throw error;
    return startProcess(env, attempts - 1);
  });
