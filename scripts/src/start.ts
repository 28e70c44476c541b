import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { attend } from './attend.ts';
import { build } from './build.ts';
import { DATABASES, type DatabaseOwner, serviceDatabaseUrl } from './databases.ts';
import { dataFolder, readSecrets } from './environment.ts';
import { describe, Failure } from './failure.ts';
import { follow, openLog } from './log-file.ts';
import { dataPaths, ROOT } from './paths.ts';
import { readPorts, requireFreePorts } from './ports.ts';
import { createProgress, table } from './progress.ts';
import { runCommand } from './run-command.ts';
import { claimStack, endLeftovers, releaseStack } from './run-records.ts';
import { type Stack, startStack } from './stack.ts';
import { requireSystemPackages } from './system-packages.ts';

/** Does everything that a start needs, shows the addresses, and stays until it is told to stop. */
export async function start(): Promise<void> {
  const began = performance.now();
  const { step, seconds } = createProgress(console.log);
  const data = dataFolder(process.env);
  const paths = dataPaths(data);
  const ports = readPorts(process.env);
  claimStack(paths.run, ports);
  try {
    // Before anything that takes long: a busy port is known at once. What an earlier start left is not in the way.
    await endLeftovers(paths.run);
    await requireFreePorts(ports);
    console.log('Starting DOA Market');
    requireSystemPackages('start', (names) => console.log(`  … installing ${names.join(' ')}`));

    await attend(async (signal) => {
      await build({ logs: paths.logs, onStep: step, signal });
      const report = (line: string) => console.log(`  ! ${line}`);
      const secrets = readSecrets(process.env);
      const stack = await startStack({ data, ports, secrets, durable: true, report, onStep: step, signal });
      await warmUp(stack, paths.logs, step).catch((error: unknown) => report(describe(error)));
      console.log(`${summary(stack)}\n\nReady in ${seconds(began)}. Ctrl-C stops everything.`);
      return stack;
    });
  } finally {
    releaseStack(paths.run);
  }
}

async function warmUp(stack: Stack, logs: string, step: (title: string) => () => void): Promise<void> {
  const script = path.join(ROOT, 'warm-up.sh');
  if (!existsSync(script)) return;
  const done = step('warm-up');
  await runCommand('warm-up', script, [], {
    log: path.join(logs, 'warm-up.log'),
    env: { ...stack.urls, ...stack.secrets, WARMUP_LOCK: path.join(stack.data, 'run', 'warm-up.lock') },
  });
  done();
}

function summary({ ports, urls }: Stack): string {
  const docs = {
    auth: ports.auth,
    member: ports.member,
    product: ports.product,
    queue: ports.queue,
    bff: ports.bff,
  };
  const databases = (Object.keys(DATABASES) as DatabaseOwner[]).map((name) => [
    `PostgreSQL ${DATABASES[name].database}`,
    serviceDatabaseUrl(name, ports.postgres),
  ]);
  const rows = [
    ['Storefront', urls.PROXY_SERVER_URL],
    ['API (gateway)', `http://localhost:${ports.gateway}/api/home`],
    ...Object.entries(docs).map(([name, port]) => [`${name}-server docs`, `http://localhost:${port}/docs`]),
    ...databases,
    ['Redis', urls.REDIS_URL],
    ['Demo login', 'demo@doa.market / doa-market-demo'],
    ['Admin login', 'admin@doa.market / doa-market-admin'],
    ['Test card', '4242 4242 4242 4242 (queue-server/sandbox-pg/README.md has more)'],
  ];
  return `\n${table(rows)}`;
}

/** Starts in the background, shows the progress, and leaves once everything is ready. */
export async function startDetached(): Promise<void> {
  const { logs } = dataPaths(dataFolder(process.env));
  mkdirSync(logs, { recursive: true });
  const log = openLog(logs, 'stack');
  const [cli = '', ...rest] = process.argv.slice(1);
  const args = rest.filter((argument) => argument !== '--detach');
  const child = spawn(process.execPath, [...process.execArgv, cli, ...args], {
    cwd: ROOT,
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
    detached: true,
  });
  closeSync(log.fd);
  const shown = new AbortController();
  const showing = follow(log.file, { from: log.offset, signal: shown.signal }, console.log);
  const outcome = await readyOrGone(child);
  shown.abort();
  await showing;
  if (outcome !== 'ready') throw new Failure(`it is not running (log: ${log.file})`);
  console.log('It runs in the background: `npm run status`, `npm run logs`, `npm run stop`.');
  child.disconnect();
  child.unref();
}

function readyOrGone(child: ChildProcess): Promise<'ready' | number | null> {
  return new Promise((resolve) => {
    child.once('message', () => resolve('ready'));
    child.once('exit', (code) => resolve(code));
  });
}
