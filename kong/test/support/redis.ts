import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@doa-market/common/testing';
import { Redis } from 'ioredis';
import { bindToProcess, stopChild } from './children.ts';
import { freePort } from './ports.ts';

export interface RedisServer {
  url: string;
  client: Redis;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Leaves its connections open and answers nothing, until it is resumed. */
  hang(): void;
  resume(): void;
  close(): Promise<void>;
}

/** The Redis of a gateway that runs already. It cannot be stopped from here. */
function runningRedis(url: string): RedisServer {
  const client = new Redis(url);
  const cannot = () => Promise.reject(new Error('this Redis belongs to a gateway that runs already'));
  const cannotHang = () => {
    throw new Error('this Redis belongs to a gateway that runs already');
  };
  return {
    url,
    client,
    start: cannot,
    stop: cannot,
    hang: cannotHang,
    resume: cannotHang,
    close: async () => client.disconnect(),
  };
}

/** A redis-server that keeps nothing. */
export async function startRedis(): Promise<RedisServer> {
  if (process.env['GATEWAY_URL']) return runningRedis(process.env['REDIS_URL'] ?? '');
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'gateway-redis-'));
  const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: () => 50 });
  client.on('error', () => undefined);
  let server: ReturnType<typeof spawn> | undefined;

  const redis: RedisServer = {
    url: `redis://127.0.0.1:${port}`,
    client,
    async start() {
      server = spawn(
        'redis-server',
        ['--bind', '127.0.0.1', '--port', `${port}`, '--save', '', '--appendonly', 'no', '--dir', folder],
        {
          stdio: 'ignore',
        },
      );
      bindToProcess(server);
      await until(async () => (await client.ping()) === 'PONG', 'redis-server');
    },
    async stop() {
      if (server) await stopChild(server, 'SIGKILL');
      server = undefined;
    },
    hang: () => server?.kill('SIGSTOP'),
    resume: () => server?.kill('SIGCONT'),
    async close() {
      client.disconnect();
      await redis.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await redis.start();
  return redis;
}
