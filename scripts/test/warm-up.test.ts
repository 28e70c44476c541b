import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../src/paths.ts';

const SCRIPT = path.join(ROOT, 'warm-up.sh');
const SECRETS = {
  AUTH_BASIC_KEY: 'first-party:a-secret-of-the-basic-key',
  WARMUP_TOKEN: 'a-secret-for-warm-ups',
};
const PAGES = ['/', '/categories', '/categories/books', '/categories/living'];
const ALL = ['/api/auth/guest', '/api/home', '/api/categories', ...PAGES];

const BODIES: Record<string, string> = {
  '/api/auth/guest': '{"accessToken":"a-secret-access-token"}',
  '/api/categories': '{"data":[{"id":"1","slug":"living","name":"Living"},{"slug": "books"}]}',
};

let server: Server;
let seen: string[];
let reply: (url: string, response: ServerResponse) => void;
let folder: string;
let running: ChildProcess[];

const answer = (url: string, response: ServerResponse) => response.end(BODIES[url] ?? 'a page');
const lock = () => path.join(folder, 'lock');

interface Run {
  child: ChildProcess;
  output(): string;
  ended: Promise<{ code: number | null; output: string }>;
}

function start(shell: string, ...args: string[]): Run {
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const env = {
    PATH: process.env['PATH'],
    TMPDIR: folder,
    WARMUP_LOCK: lock(),
    KONG_GATEWAY_URL: url,
    PROXY_SERVER_URL: url,
    ...SECRETS,
  };
  const child = spawn(shell, [SCRIPT, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part: Buffer) => {
      output += part.toString();
    });
  const ended = new Promise<{ code: number | null; output: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, output })),
  );
  return { child, output: () => output, ended };
}

const poll = (check: () => unknown) => expect.poll(check, { timeout: 15_000, interval: 20 });

/** Nobody gets an answer to the first request until the returned function is called. */
function holdTheFirst(): () => void {
  const held: [string, ServerResponse][] = [];
  reply = (...request) => void held.push(request);
  return () => {
    reply = answer;
    for (const request of held) answer(...request);
  };
}

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'warm-up-'));
  seen = [];
  running = [];
  reply = answer;
  server = createServer((request, response) => {
    request.resume();
    seen.push(request.url ?? '');
    reply(request.url ?? '', response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(['dash', 'bash'])('warm-up.sh in %s', (shell) => {
  it('renews every API and then every page, and says so in one line', async () => {
    const { code, output } = await start(shell).ended;
    expect(output).toMatch(/^warm-up: 6 warmed, 0 failed in \d+\.\d s\n$/);
    expect(code).toBe(0);
    expect(seen).toEqual(ALL);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('warms the others when one address fails, and names that one', async () => {
    reply = (url, response) => {
      if (url === '/api/home') response.statusCode = 404;
      if (url === '/categories') response.setHeader('x-cache-status', 'STALE');
      answer(url, response);
    };
    const { code, output } = await start(shell).ended;
    expect(output).toMatch(
      /^warm-up: 4 warmed, 2 failed in [\d.]+ s: http:\S+\/api\/home answered 404; http:\S+\/categories was not renewed \(STALE\)\n$/,
    );
    expect(code).toBe(1);
    expect(seen).toEqual(ALL);
  });

  it('tries again what fails for a moment', async () => {
    reply = (url, response) => {
      if (seen.filter((one) => one === url).length === 1 && url === '/api/home') {
        response.writeHead(503, { 'x-cache-status': 'BYPASS' }).end();
      } else answer(url, response);
    };
    const { code, output } = await start(shell).ended;
    expect(output).toContain('6 warmed, 0 failed');
    expect(code).toBe(0);
  });

  it('runs once when many are started at the same instant, be there a dead one\u2019s lock or none', async () => {
    for (const left of ['', '999999999 sh warm-up.sh\n', `${process.pid} sh warm-up.sh\n`, 'nonsense']) {
      if (left !== '') writeFileSync(lock(), left);
      seen = [];
      const release = holdTheFirst();
      const runs = Array.from({ length: 8 }, () => start(shell));
      await poll(() => runs.filter(({ child }) => child.exitCode !== null).length).toBe(7);
      release();
      const outputs = (await Promise.all(runs.map(({ ended }) => ended))).map(({ output }) => output);
      expect(outputs.filter((output) => output === 'warm-up: another one is running\n')).toHaveLength(7);
      expect(seen).toEqual(ALL);
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  it('never takes the lock of one that lives, and takes that of one that was killed', async () => {
    const release = holdTheFirst();
    const first = start(shell);
    await poll(() => seen.length).toBe(1);
    const second = await start(shell).ended;
    expect(second).toEqual({ code: 0, output: 'warm-up: another one is running\n' });
    first.child.kill('SIGKILL');
    await poll(() => first.child.signalCode).toBe('SIGKILL');
    expect(existsSync(lock())).toBe(true);
    release();
    expect((await start(shell).ended).output).toContain('6 warmed, 0 failed');
    expect(existsSync(lock())).toBe(false);
  });

  it('shows no secret in the list of processes', async () => {
    const commands = new Set<string>();
    reply = (url, response) => {
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
        try {
          commands.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
        } catch {
          // It ended meanwhile.
        }
      }
      answer(url, response);
    };
    await start(shell).ended;
    const shown = [...commands].join('\n');
    expect(shown).toContain('/api/home');
    expect(shown).not.toContain('a-secret');
    expect(shown).not.toContain(Buffer.from(SECRETS.AUTH_BASIC_KEY).toString('base64'));
  });

  it('goes on after a round that failed, and ends at once on a signal between rounds', async () => {
    reply = (_, response) => response.writeHead(404).end();
    const loop = start(shell, '--loop', '1');
    await poll(() => loop.output().match(/failed in/g)?.length ?? 0).toBeGreaterThan(1);
    loop.child.kill('SIGTERM');
    expect((await loop.ended).code).toBe(143);
    expect(readdirSync(folder)).toEqual([]);

    const sleeper = start(shell, '--loop', '3600');
    await poll(() => sleeper.output()).toContain('failed in');
    await poll(() => existsSync(lock())).toBe(false);
    sleeper.child.kill('SIGTERM');
    expect((await sleeper.ended).code).toBe(143);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('ends at once on a signal in the middle of a round', async () => {
    holdTheFirst();
    const { child } = start(shell, '--loop');
    await poll(() => seen.length).toBe(1);
    expect(existsSync(lock())).toBe(true);
    child.kill('SIGTERM');
    await poll(() => child.exitCode).toBe(143);
    expect(existsSync(lock())).toBe(false);
  });
});

describe('warm-up.sh', () => {
  it.each(['AUTH_BASIC_KEY', 'WARMUP_TOKEN'])('names %s when it is missing in production', async (name) => {
    const env = { PATH: process.env['PATH'], NODE_ENV: 'production', ...SECRETS, [name]: '' };
    const child = spawn(SCRIPT, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let output = '';
    child.stderr.on('data', (part: Buffer) => {
      output += part.toString();
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect({ code, output }).toEqual({ code: 2, output: `warm-up: ${name} is not set\n` });
  });
});
