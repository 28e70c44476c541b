import { type ChildProcess, spawn } from 'node:child_process';

export interface Outcome {
  code: number | null;
  output: string;
}

/** Collects what a process says, on either stream, until it ends. */
export function outcome(child: ChildProcess): Promise<Outcome> {
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString('utf8');
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

export function run(command: string, args: string[], env: NodeJS.ProcessEnv, cwd?: string): Promise<Outcome> {
  return outcome(spawn(command, args, { env: { ...process.env, ...env }, ...(cwd && { cwd }) }));
}
