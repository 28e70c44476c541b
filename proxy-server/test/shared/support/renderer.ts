import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { bunBinary } from '@doa-market/scripts/bun';
import { onTestFinished } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../fixtures/renderer.ts', import.meta.url));

/** A process of the proxy's own runtime, with a level of its own. */
export async function startRenderer(redisUrl: string, { lockTtl = 1_000 } = {}) {
  const child = spawn(bunBinary(), ['--conditions=@doa-market/source', SCRIPT], {
    env: { PATH: process.env['PATH'], REDIS_URL: redisUrl, LOCK_TTL: `${lockTtl}` },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await exited;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  async function answer(): Promise<unknown> {
    const line = await lines.next();
    if (line.done) throw new Error('the renderer has ended');
    return JSON.parse(line.value);
  }
  await answer();

  return {
    /** One at a time. */
    tell(verb: string, key = '', text = ''): Promise<unknown> {
      child.stdin.write(`${[verb, key, text].join('\t')}\n`);
      return answer();
    },
    signal: (name: NodeJS.Signals) => child.kill(name),
    /** Ends as it should, and answers the status. */
    async end(): Promise<unknown> {
      child.stdin.end();
      const [code] = await exited;
      return code;
    },
  };
}
