import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createClient } from './client.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** The server as a process of its own, as in production. */
export async function startProcess(environment: Record<string, string>) {
  const child = spawn(process.execPath, ['--conditions=@doa-market/source', '--import', 'tsx', MAIN], {
    env: { ...process.env, NODE_ENV: 'test', LOG_LEVEL: 'info', PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  const exit = once(child, 'exit').then(() => running.delete(child));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  let address: string | undefined;
  while (address === undefined) {
    await Promise.race([once(child.stdout, 'data'), exit]);
    if (child.exitCode !== null) throw new Error(`auth-server did not start:\n${output}`);
    address = /"address":"([^"]+)"/.exec(output)?.[1];
  }
  return {
    ...createClient(address),
    output: () => output,
    async stop(signal?: NodeJS.Signals): Promise<void> {
      child.kill(signal);
      await exit;
    },
  };
}
export type RunningProcess = Awaited<ReturnType<typeof startProcess>>;
