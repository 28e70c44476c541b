import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { bunBinary } from '@doa-market/scripts/bun';
import { freePort } from '@doa-market/scripts/free-port';
import { endedWithParent } from '@doa-market/scripts/parent-death';
import { Agent, request } from 'undici';
import { onTestFinished, vi } from 'vitest';
import type { OnEnd } from './origin.ts';

/** Its source, or what was built last of it, which starts faster; `npm test` has built what it tests. */
const COMMAND =
  process.env['SERVERS'] === 'built'
    ? [file('../../dist/main.js')]
    : ['--conditions=@doa-market/source', file('../../src/main.ts')];

export const WARMUP_TOKEN = 'a-warm-up-token-of-the-tests';

/** Undefined takes a variable away. */
type Environment = Record<string, string | undefined>;
/** Saves the process from starting over with it. */
const MANY_CONNECTIONS = { BUN_CONFIG_MAX_HTTP_REQUESTS: '8192' };

export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  bytes: Buffer;
  text: string;
}
interface Ask {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS' | 'TRACE';
  headers?: Record<string, string>;
  body?: Buffer | string;
}

/** Starts the process alone, whatever becomes of it. */
export function spawnProxy(env: Environment, onEnd: OnEnd = onTestFinished) {
  const { command, args } = endedWithParent({ command: bunBinary(), args: COMMAND }, 'SIGKILL');
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...MANY_CONNECTIONS, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    output.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.err += chunk;
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  onEnd(async () => {
    if (isRunning(child)) child.kill('SIGKILL');
    await exited;
  });
  return { child, output, exited };
}

function file(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

const isRunning = (child: ChildProcess) => child.exitCode === null && child.signalCode === null;

const TAKEN = /port \d+ in use/;

/** Once more where somebody else took the port after it had been found free. */
async function listening(
  origins: { web?: { url: string }; gateway?: { url: string } },
  env: Environment,
  onEnd: OnEnd,
): Promise<{ port: number; adminPort: number } & ReturnType<typeof spawnProxy>> {
  const [port, adminPort, nobody] = await Promise.all([freePort(), freePort(), freePort()]);
  const process = spawnProxy(
    {
      PORT: `${port}`,
      ADMIN_PORT: `${adminPort}`,
      NEXT_SERVER: origins.web?.url ?? `http://127.0.0.1:${nobody}`,
      KONG_GATEWAY_URL: origins.gateway?.url ?? `http://127.0.0.1:${nobody}`,
      PROXY_SERVER_URL: `http://127.0.0.1:${port}`,
      WARMUP_TOKEN,
      ...env,
    },
    onEnd,
  );
  const { child, output } = process;
  const isTaken = () => TAKEN.test(output.err);
  const isListening = () => output.out.includes('is listening');
  await vi.waitUntil(() => isListening() || isTaken() || !isRunning(child), {
    timeout: 10_000,
    interval: 10,
  });
  if (!isRunning(child)) await finished(child.stderr);
  if (isTaken()) return listening(origins, env, onEnd);
  if (!isListening()) throw new Error(`does not start: ${output.err}`);
  return { port, adminPort, ...process };
}

/**
 * The real proxy on a free port, in front of the given origins.
 * @param onEnd registers how it is stopped: at the end of the test, where nobody says otherwise
 */
export async function startProxy(
  origins: { web?: { url: string }; gateway?: { url: string } },
  env: Environment = {},
  onEnd: OnEnd = onTestFinished,
) {
  const { port, adminPort, child, output, exited } = await listening(origins, env, onEnd);
  const url = `http://127.0.0.1:${port}`;
  const agent = new Agent({ pipelining: 1 });
  onEnd(() => agent.destroy());
  async function ask(path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Reply> {
    const response = await request(url + path, { method, headers, body: body ?? null, dispatcher: agent });
    const bytes = Buffer.from(await response.body.arrayBuffer());
    return { status: response.statusCode, headers: response.headers, bytes, text: bytes.toString() };
  }

  return {
    url,
    port,
    host: `127.0.0.1:${port}`,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    child,
    exited,
    output,
    ask,
    cacheStatus: async (path: string, options?: Ask) => (await ask(path, options)).headers['x-cache-status'],
    /** One sample of /metrics on the admin listener, or undefined while there is none. */
    async figure(name: string, labels: Record<string, string> = {}): Promise<number | undefined> {
      const metrics = await (await request(`http://127.0.0.1:${adminPort}/metrics`)).body.text();
      const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
      const sample = metrics
        .split('\n')
        .find((line) => line.startsWith(`${name}{`) && wanted.every((label) => line.includes(label)));
      return sample === undefined ? undefined : Number(sample.slice(sample.lastIndexOf(' ')));
    },
    /** The access log so far. */
    accessLog: () =>
      output.out
        .split('\n')
        .filter((line) => line.includes('"msg":"request"'))
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
export type Proxy = Awaited<ReturnType<typeof startProxy>>;
