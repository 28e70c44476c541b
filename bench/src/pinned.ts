import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What is measured has the first core; the load, and what stands behind what is measured, the second. */
export const MEASURED = '0';
export const LOAD = '1';

interface Options {
  env?: Record<string, string>;
  /** The folder it runs in; ours unless another is given. */
  cwd?: string;
  /** Whether what it writes to stderr is worth reading. */
  talks?: boolean;
}

/** Starts a program on one core; Debian's servers are found in their folder too. */
export function spawnPinned(
  core: typeof MEASURED | typeof LOAD,
  command: readonly string[],
  { env = {}, cwd, talks = true }: Options = {},
) {
  const child = spawn('taskset', ['-c', core, ...command], {
    stdio: ['ignore', 'ignore', talks ? 'inherit' : 'ignore'],
    ...(cwd !== undefined && { cwd }),
    env: { PATH: `${process.env['PATH']}:/usr/sbin`, ...env },
  });
  const exited = once(child, 'exit');
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  return {
    /** taskset becomes the program it starts. */
    pid: child.pid,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}
