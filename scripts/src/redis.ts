import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { endedWithParent } from './parent-death.ts';
import type { CommandLine } from './postgres.ts';

interface RedisOptions {
  dataDir: string;
  port: number;
  /** Keeps every write in an append-only file; off for tests. */
  durable: boolean;
}

/** The command line of a Redis that listens on the loopback interface alone. */
export function redisCommand({ dataDir, port, durable }: RedisOptions): CommandLine {
  mkdirSync(dataDir, { recursive: true });
  const settings: Record<string, string | number> = {
    port,
    bind: '127.0.0.1',
    dir: dataDir,
    databases: 64,
    save: '',
    appendonly: durable ? 'yes' : 'no',
    appendfsync: 'everysec',
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
  };
  return {
    command: 'redis-server',
    args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, `${value}`]),
  };
}

/** One PING; rejects unless the server says PONG, as it does not while it is loading. */
export function pingRedis(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 2_000 }, () => socket.write('PING\r\n'));
    socket.once('data', (answer) => {
      socket.destroy();
      if (answer.toString().startsWith('+PONG')) resolve();
      else reject(new Error(answer.toString().trim()));
    });
    socket.once('timeout', () => socket.destroy(new Error('timeout')));
    socket.once('error', reject);
  });
}

export interface Redis {
  port: number;
  url: string;
  pid: number;
  stop: () => Promise<void>;
  /** Resolves when it has ended, whoever has ended it. */
  exited: Promise<unknown>;
}

/** Starts a Redis that lives as long as its caller wants it. */
export async function startRedis(options: {
  dataDir: string;
  port?: number;
  durable?: boolean;
}): Promise<Redis> {
  const port = options.port ?? (await freePort());
  const commandLine = redisCommand({ ...options, port, durable: options.durable ?? false });
  const { command, args } = endedWithParent(commandLine, 'SIGTERM');
  const log = openSync(`${options.dataDir}.log`, 'a');
  const server = spawn(command, args, { stdio: ['ignore', log, log] });
  const exited = once(server, 'exit');
  const orphaned = () => server.kill();
  process.once('exit', orphaned);
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      await pingRedis(port);
      break;
    } catch (cause) {
      if (server.exitCode !== null || Date.now() > deadline) {
        throw new Error(`Redis did not start (log: ${options.dataDir}.log)`, { cause });
      }
      await delay(25);
    }
  }
  const stop = async () => {
    server.kill();
    await exited;
    process.off('exit', orphaned);
  };
  return { port, url: `redis://127.0.0.1:${port}`, pid: server.pid ?? 0, stop, exited };
}
