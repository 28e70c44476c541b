import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLogger } from '@doa-market/common/logging';
import { connectRedis, createRedis } from '@doa-market/common/redis';
import { startAuthority } from '@doa-market/common/testing';
import { freePort } from '@doa-market/scripts/free-port';
import { migrate } from '@doa-market/scripts/migrate';
import { initialiseCluster, startPostgres } from '@doa-market/scripts/postgres';
import { redisCommand } from '@doa-market/scripts/redis';
import { answering } from '../answering.ts';
import type { Scope } from '../clean-up.ts';
import { LOAD, MEASURED, spawnPinned } from '../pinned.ts';
import { createMembers } from './members.ts';
import { createRedisFigures } from './redis-figures.ts';

const SERVER = fileURLToPath(new URL('../../../queue-server', import.meta.url));
const NOWHERE = 'http://127.0.0.1:9';

/** One queue-server as it is built, alone on the first core; what it needs, and whoever comes, has the second. */
export async function openHall({ folder, keep }: Scope) {
  const main = join(SERVER, 'dist/main.js');
  if (!existsSync(main)) throw new Error('queue-server is not built: npm run build -w queue-server');
  const dataDir = join(folder, 'postgres');
  await initialiseCluster(dataDir);
  const postgres = keep(await startPostgres({ dataDir }));
  await migrate(postgres.url(), join(SERVER, 'prisma/migrations'));
  const redis = keep(await startPinnedRedis(folder));
  const authority = await startAuthority();
  keep({ stop: authority.close });

  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { pid, stop } = spawnPinned(MEASURED, [process.execPath, ...flags(), main], {
    cwd: SERVER,
    env: {
      PORT: `${port}`,
      HOST: '127.0.0.1',
      DATABASE_URL: postgres.url(),
      REDIS_URL: redis.url,
      AUTH_SERVICE_URL: authority.url,
      PRODUCT_SERVICE_URL: NOWHERE,
      MEMBER_SERVICE_URL: NOWHERE,
      PAYMENT_API_URL: NOWHERE,
    },
  });
  keep({ stop });
  await answering(`${url}/health`);

  const member = createMembers(authority);
  const operator = member('ADMIN');
  return {
    url: new URL(url),
    pid,
    redis: redis.client,
    figures: createRedisFigures(redis.client),
    member,
    /** What operators do with a room. @throws for whatever is no success */
    async operate(method: 'PUT' | 'POST', path: string, body?: object): Promise<void> {
      const response = await fetch(`${url}/api/queue/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${operator.token}`,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    },
  };
}
export type Hall = Awaited<ReturnType<typeof openHall>>;

/** For profiles: `SERVER_FLAGS="--cpu-prof --cpu-prof-dir=/tmp/profiles"`. */
const flags = (): string[] => (process.env['SERVER_FLAGS'] ?? '').split(' ').filter(Boolean);

/** As durable as in production: an append-only file, synchronised every second. */
async function startPinnedRedis(folder: string) {
  const port = await freePort();
  const { command, args } = redisCommand({ dataDir: join(folder, 'redis'), port, durable: true });
  const { stop } = spawnPinned(LOAD, [command, ...args]);
  const url = `redis://127.0.0.1:${port}`;
  const name = 'bench';
  const client = createRedis(url, { name, logger: createLogger({ name, level: 'silent' }), timeout: 10_000 });
  while (client.status !== 'ready') await connectRedis(client);
  return {
    url,
    client,
    stop() {
      client.disconnect();
      return stop();
    },
  };
}
