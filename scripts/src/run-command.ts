import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import path from 'node:path';
import { Failure } from './failure.ts';
import { lastError } from './log-file.ts';
import { ROOT } from './paths.ts';
import { signalGroup } from './process-identity.ts';

export interface RunOptions {
  log: string;
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
}

/** Runs a command to its end with its output in a file; a failure says its last error line and where the rest is. */
export async function runCommand(
  title: string,
  command: string,
  args: string[],
  options: RunOptions,
): Promise<void> {
  mkdirSync(path.dirname(options.log), { recursive: true });
  const log = createWriteStream(options.log);
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...cleanEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what npm starts can be ended with it.
    detached: true,
  });
  const abort = () => child.pid && signalGroup(child.pid, 'SIGTERM');
  options.signal?.addEventListener('abort', abort, { once: true });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  options.signal?.removeEventListener('abort', abort);
  await new Promise<void>((resolve) => log.end(resolve));
  options.signal?.throwIfAborted();
  if (code !== 0) throw new Failure(`${title} failed: ${lastError(options.log)} (log: ${options.log})`);
}

/** The environment without what npm adds for the script that it runs, which would mislead a command below it. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('npm_') && name !== 'NODE_OPTIONS',
  );
  return Object.fromEntries(kept);
}
