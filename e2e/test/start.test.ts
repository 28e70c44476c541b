import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '@doa-market/scripts/paths';
import { freePorts, PORTS, type PortName } from '@doa-market/scripts/ports';
import { isRunning, type ProcessIdentity } from '@doa-market/scripts/process-identity';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { outcome, run } from './setup/run.ts';

const NODE = ['--conditions=@doa-market/source', '--import', 'tsx'];
const CLI = path.join(ROOT, 'scripts', 'src', 'cli.ts');
const TINY = path.join(ROOT, 'e2e', 'test', 'setup', 'tiny-stack.ts');

let data: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  data = path.join(mkdtempSync(path.join(tmpdir(), 'doa-start-')), 'data');
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  await expect.poll(alive, { timeout: 10_000 }).toEqual([]);
  rmSync(path.dirname(data), { recursive: true });
});

/** Everything that the stack of this test has recorded and that still runs. */
let recorded: (ProcessIdentity & { name: string })[] = [];
function records() {
  const folder = path.join(data, 'run');
  const files = existsSync(folder)
    ? readdirSync(folder).filter((it) => it.endsWith('.json') && it !== 'stack.json')
    : [];
  recorded = files.map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')));
  return recorded;
}
const alive = () => recorded.filter(isRunning).map(({ name }) => name);

function tiny(...options: string[]): ChildProcess {
  const child = spawn(process.execPath, [...NODE, TINY, data, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: ROOT,
  });
  children.push(child);
  return child;
}

/** The first line of a process that matches. */
async function line(child: ChildProcess, pattern: RegExp): Promise<string> {
  if (!child.stdout) throw new Error('no output to read');
  for await (const text of createInterface({ input: child.stdout })) if (pattern.test(text)) return text;
  throw new Error(`it ended without saying ${pattern}`);
}

describe('npm start', () => {
  it('names the port that is in use, who uses it and which variable moves it, and starts nothing', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const address = holder.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const ports = { ...(await freePorts()), proxy: port };
    const names = Object.keys(PORTS) as PortName[];
    const env = Object.fromEntries(names.map((name) => [PORTS[name].variable, `${ports[name]}`]));
    const { code, output } = await run(
      process.execPath,
      [...NODE, CLI, 'start'],
      { ...env, DOA_DATA: data },
      ROOT,
    );
    holder.close();
    expect(output.trim()).toBe(
      `port ${port} (proxy-server) is in use by pid ${process.pid} (${readFileSync('/proc/self/comm', 'utf8').trim()}); stop it or set PROXY_PORT`,
    );
    expect(code).toBe(1);
  });

  it('names a variable that is no port', async () => {
    const env = { WEB_PORT: 'many', DOA_DATA: data };
    const { code, output } = await run(process.execPath, [...NODE, CLI, 'start'], env, ROOT);
    expect(output.trim()).toBe('WEB_PORT=many is not a port');
    expect(code).toBe(1);
  });
});

describe('a stack', () => {
  it('says in one line why a server did not start, and leaves nothing running', async () => {
    const { code, output } = await outcome(tiny('--broken'));
    expect(output.trim()).toBe(
      `shop did not start: Error: no configuration (log: ${path.join(data, 'logs', 'shop.log')})`,
    );
    expect(code).toBe(1);
    expect(records()).toEqual([]);
  });

  it('leaves no process behind after Ctrl-C', async () => {
    const child = tiny();
    await line(child, /^ready/);
    expect(records().map(({ name }) => name)).toEqual(['shop', 'store']);
    child.kill('SIGINT');
    expect((await once(child, 'exit'))[0]).toBe(0);
    expect(alive()).toEqual([]);
    expect(readdirSync(path.join(data, 'run'))).toEqual([]);
  });

  it('does not wait for a server that does not want to go after a second Ctrl-C', async () => {
    const child = tiny('--stubborn');
    await line(child, /^ready/);
    records();
    child.kill('SIGINT');
    await line(child, /^stopping/);
    child.kill('SIGINT');
    expect((await once(child, 'exit'))[0]).toBe(130);
    await expect.poll(alive, { timeout: 5_000 }).toEqual([]);
  });

  it('starts a server again that died, and says so', async () => {
    const child = tiny();
    const port = (await line(child, /^ready/)).split(' ')[1];
    const died = line(child, /^shop died/);
    await fetch(`http://127.0.0.1:${port}/die`).catch(() => undefined);
    expect(await died).toBe('shop died (exit code 7: Error: told to die); starting it again in 0.5 s');
    const answers = () =>
      fetch(`http://127.0.0.1:${port}/`).then(
        ({ status }) => status,
        () => 0,
      );
    await expect.poll(answers, { timeout: 10_000 }).toBe(200);
    records();
    child.kill('SIGTERM');
    await once(child, 'exit');
    expect(alive()).toEqual([]);
  });

  it('takes its servers with it when it is killed, and can be started again', async () => {
    const child = tiny();
    await line(child, /^ready/);
    records();
    child.kill('SIGKILL');
    await once(child, 'exit');
    await expect.poll(alive, { timeout: 5_000 }).toEqual([]);
    const second = tiny();
    await line(second, /^ready/);
    records();
    second.kill('SIGTERM');
    expect((await once(second, 'exit'))[0]).toBe(0);
  });

  it('does not start twice from the same folder', async () => {
    const child = tiny();
    await line(child, /^ready/);
    const { code, output } = await outcome(tiny());
    expect(output).toMatch(new RegExp(`^already running: pid ${child.pid} since `));
    expect(code).toBe(1);
    records();
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
});
