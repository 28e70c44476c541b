import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const SERVER = fileURLToPath(new URL('fixtures/slow-server.ts', import.meta.url));
const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

function startServer(env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--conditions=@doa-market/source', '--import', 'tsx', SERVER], {
    env: { ...process.env, NODE_ENV: 'test', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk));
  const exit = once(child, 'exit').then(([code]) => code as number | null);

  async function said(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(output);
      if (match) return match;
      await Promise.race([
        once(child.stdout, 'data'),
        exit.then(() => Promise.reject(new Error(`it ended:\n${output}`))),
      ]);
    }
  }
  return { child, exit, said, output: () => output };
}

const address = async (server: ReturnType<typeof startServer>) =>
  (await server.said(/"address":"([^"]+)"/))[1] ?? '';

describe('a server that is told to stop', () => {
  it('finishes the request in flight, takes no new one, and leaves with 0', async () => {
    const server = startServer();
    const url = await address(server);
    const inFlight = fetch(`${url}/slow`);
    await server.said(/slow request arrived/);
    server.child.kill('SIGTERM');
    await server.said(/draining/);
    await expect(fetch(`${url}/health`)).rejects.toThrow();
    expect(await (await inFlight).json()).toEqual({ done: true });
    expect(await server.exit).toBe(0);
  });

  it('leaves with 1 when a request does not end within the bound', async () => {
    const server = startServer({ SHUTDOWN_TIMEOUT: '200' });
    const url = await address(server);
    const inFlight = fetch(`${url}/endless`).catch(() => 'cut');
    await server.said(/endless request arrived/);
    server.child.kill('SIGTERM');
    expect(await server.exit).toBe(1);
    expect(await inFlight).toBe('cut');
  });
});

describe('a server that cannot start', () => {
  it('says in one piece what is wrong with its environment, and leaves with 1', async () => {
    const server = startServer({ PORT: 'http', LOG_LEVEL: 'loud' });
    expect(await server.exit).toBe(1);
    expect(server.output()).toMatch(/^slow-server did not start: The environment is not complete:/);
    expect(server.output()).toMatch(/PORT must be integer/);
    expect(server.output()).toMatch(/LOG_LEVEL must be equal to one of the allowed values/);
    expect(server.output()).not.toMatch(/ at /);
  });
});
