import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';

export interface ServerProcess {
  url: string;
  pid: number;
  /** What it has written so far. */
  log: () => string;
  /** As if the machine had lost its power, unless another signal is named. */
  kill: (signal?: NodeJS.Signals) => Promise<void>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Milliseconds */
const START_TIME = 45_000;
const POLL = 25;

/**
 * A server of the workspace from its source, as a process of its own that can be killed; it does not outlive this one.
 * @param server the name of its folder
 * @throws when it ends before it listens, or is not there in time
 */
export async function startServerProcess(
  server: string,
  environment: Record<string, string>,
): Promise<ServerProcess> {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    ['--conditions=@doa-market/source', '--import', 'tsx', 'src/main.ts'],
    {
      cwd: path.join(ROOT, server),
      env: { ...process.env, ...environment, HOST: '127.0.0.1', PORT: `${port}` },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let log = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const exited = once(child, 'exit');
  const orphaned = () => child.kill('SIGKILL');
  process.once('exit', orphaned);

  const url = `http://127.0.0.1:${port}`;
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    child.kill(signal);
    await exited;
    process.off('exit', orphaned);
  };
  const listens = () =>
    fetch(`${url}/health`)
      .then(({ ok }) => ok)
      .catch(() => false);
  for (const end = Date.now() + START_TIME; !(await listens()); await delay(POLL)) {
    if (child.exitCode !== null || child.pid === undefined)
      throw new Error(`${server} did not start:\n${log}`);
    if (Date.now() > end) {
      await kill();
      throw new Error(`${server} does not listen:\n${log}`);
    }
  }
  return { url, pid: child.pid ?? 0, log: () => log, kill };
}
