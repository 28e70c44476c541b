import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '@doa-market/common/testing';
import { bindToProcess, stopChild } from './children.ts';
import { freePort } from './ports.ts';

const START = fileURLToPath(new URL('../../local/start.sh', import.meta.url));

export interface Gateway {
  url: string;
  statusUrl: string;
  /** What it wrote to stderr so far. */
  output(): string;
  /** Its access log so far; a line is there within a second. */
  accessLog(): Promise<string>;
  /** nginx's master process; none where the gateway runs already. */
  pid?: number | undefined;
  close(): Promise<void>;
}

export interface GatewayOptions {
  env: Record<string, string>;
  /** A configuration of the test's own instead of kong.yml.template. */
  template?: string;
}

interface Launch {
  child: ChildProcess;
  output(): string;
  url: string;
  statusUrl: string;
  folder: string;
}

async function launch({ env, template }: GatewayOptions): Promise<Launch> {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  const [port, statusPort] = [await freePort(), await freePort()];
  const own: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    GATEWAY_PORT: `${port}`,
    GATEWAY_STATUS_PORT: `${statusPort}`,
    GATEWAY_PREFIX: folder,
    GATEWAY_STRICT: 'on',
  };
  if (template !== undefined) {
    own['GATEWAY_TEMPLATE'] = join(folder, 'template.yml');
    await writeFile(own['GATEWAY_TEMPLATE'], template);
  }
  const child = spawn(START, { env: { ...own, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
  bindToProcess(child);
  let text = '';
  child.stderr?.on('data', (part: Buffer) => {
    text += part.toString();
  });
  return {
    child,
    folder,
    output: () => text,
    url: `http://127.0.0.1:${port}`,
    statusUrl: `http://127.0.0.1:${statusPort}`,
  };
}

async function finish({ child, folder, output }: Launch): Promise<void> {
  await stopChild(child, 'SIGTERM');
  await rm(folder, { recursive: true, force: true });
  const thrown = /.*as on Kong: .*/.exec(output());
  if (thrown) throw new Error(thrown[0]);
}

/** Runs the gateway of kong/local until closed. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const launched = await launch(options);
  const { child, output, url, statusUrl } = launched;
  await until(async () => {
    if (child.exitCode !== null) return true;
    return (await fetch(`${statusUrl}/status/ready`)).ok;
  }, 'the gateway');
  if (child.exitCode !== null) {
    await finish(launched);
    throw new Error(output());
  }
  return {
    url,
    statusUrl,
    output,
    accessLog: () => readFile(join(launched.folder, 'logs', 'access.log'), 'utf8'),
    pid: child.pid,
    close: () => finish(launched),
  };
}

/** Starts a gateway that should refuse to start. */
export async function startAndFail(
  options: GatewayOptions,
): Promise<{ code: number | null; output: string }> {
  const launched = await launch(options);
  await until(() => launched.child.exitCode !== null, 'the end of a gateway that must not start');
  const { exitCode } = launched.child;
  await finish(launched);
  return { code: exitCode, output: launched.output() };
}
