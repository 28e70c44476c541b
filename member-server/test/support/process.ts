import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '@doa-market/common/testing';
import { freePort } from '@doa-market/scripts/free-port';

export interface RunningProcess {
  url: string;
  /** What it has written so far. */
  log: () => string;
  kill: () => Promise<void>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** member-server as a process of its own, which can be killed. On a busy machine its database may come too late. */
export async function startProcess(env: Record<string, string>, attempts = 3): Promise<RunningProcess> {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    ['--conditions=@doa-market/source', '--import', 'tsx', 'src/main.ts'],
    {
      cwd: ROOT,
      env: { ...process.env, ...env, HOST: '127.0.0.1', PORT: `${port}` },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => {
    log += chunk;
  });
  const exited = once(child, 'exit');
  const orphaned = () => child.kill('SIGKILL');
  process.once('exit', orphaned);
  const url = `http://127.0.0.1:${port}`;
  const started = async () => child.exitCode !== null || (await fetch(`${url}/health`)).ok;
  await until(started, 'the start of member-server', 45_000);
  if (child.exitCode !== null && attempts > 1) return startProcess(env, attempts - 1);
  return {
    url,
    log: () => log,
    async kill() {
      child.kill('SIGKILL');
      await exited;
      process.off('exit', orphaned);
    },
  };
}
