import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';
import { endedWithParent } from './parent-death.ts';

export interface ServerProcess {
  url: string;
  pid: number;
  /** What it has written so far. */
  log: () => string;
  /** As if the machine had lost its power, unless another signal is named. */
  kill: (signal?: NodeJS.Signals) => Promise<void>;
  /** Resolves when it has ended, whoever has ended it. */
  exited: Promise<unknown>;
}

interface ProcessOptions {
  /** Modules that are loaded before its own. */
  imports?: readonly string[];
  /** Whether it is what was built last, which starts faster, or its source; `npm test` has built what it tests. */
  built?: boolean;
}

/** Set to `built` where all servers have just been built. */
const SERVERS = process.env['SERVERS'];

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Milliseconds */
const START_TIME = 90_000;
const POLL = 25;

/** One that has been started, and may not listen yet. */
export interface StartedProcess extends ServerProcess {
  /** @throws when it ends before it listens, or is not there in time */
  listening: () => Promise<void>;
}

/**
 * A server of the workspace as a process of its own that can be killed; it does not outlive this one, however it ends.
 * @param server its folder
 * @param environment on a port that is free, unless it names one
 */
export async function spawnServerProcess(
  server: string,
  environment: Record<string, string>,
  { imports = [], built = SERVERS === 'built' }: ProcessOptions = {},
): Promise<StartedProcess> {
  const port = environment['PORT'] ?? `${await freePort()}`;
  const before = [...(built ? [] : ['tsx']), ...imports].flatMap((name) => ['--import', name]);
  const [workspace = server, ...part] = server.split('/');
  const main = built
    ? [...before, path.join(ROOT, workspace, 'dist', ...part, 'main.js')]
    : ['--conditions=@doa-market/source', ...before, 'src/main.ts'];
  const { command, args } = endedWithParent({ command: process.execPath, args: main }, 'SIGKILL');
  const child = spawn(command, args, {
    cwd: path.join(ROOT, server),
    env: { ...process.env, ...environment, HOST: '127.0.0.1', PORT: port },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const exited = once(child, 'exit');
  const orphaned = () => child.kill('SIGKILL');
  process.once('exit', orphaned);
  exited.finally(() => process.off('exit', orphaned)).catch(() => undefined);

  const url = `http://127.0.0.1:${port}`;
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    child.kill(signal);
    await exited;
  };
  const listens = () =>
    fetch(`${url}/health`)
      .then(({ ok }) => ok)
      .catch(() => false);
  async function listening(): Promise<void> {
    for (const end = Date.now() + START_TIME; !(await listens()); await delay(POLL)) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
        throw new Error(`${server} did not start:\n${log}`);
      if (Date.now() > end) {
        await kill();
        throw new Error(`${server} does not listen:\n${log}`);
      }
    }
  }
  return { url, pid: child.pid ?? 0, log: () => log, kill, exited, listening };
}

/** The same, once it listens. @throws when it ends before that, or is not there in time */
export async function startServerProcess(
  ...[server, environment, options]: Parameters<typeof spawnServerProcess>
): Promise<ServerProcess> {
  const started = await spawnServerProcess(server, environment, options);
  await started.listening();
  return started;
}
