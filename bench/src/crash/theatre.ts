import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { migrate } from '@doa-market/scripts/migrate';
import { startPostgres } from '@doa-market/scripts/postgres';
import { startRedis } from '@doa-market/scripts/redis';
import {
  type ServerProcess,
  type StartedProcess,
  spawnServerProcess,
  startServerProcess,
} from '@doa-market/scripts/server-process';
import pg from 'pg';
import type { Scope } from '../clean-up.ts';
import { createStock } from '../inventory/stock.ts';
import { openGateway } from './gateway.ts';
import { startNeighbours } from './neighbours.ts';
import type { CrashPoint } from './points.ts';
import { createSandbox } from './sandbox.ts';
import { watchStream } from './stream.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PRELOAD = fileURLToPath(new URL('preload.mjs', import.meta.url));
const SECRETS = {
  PAYMENT_API_SECRET: 'the-api-secret-of-the-crash-theatre',
  PAYMENT_WEBHOOK_SECRETS: 'whsec_2ZAS8Z5TryIbKdADPB3mEQKqnZDMDDKKh0CEeZZ5TxA=',
  PAYMENT_STORE_ID: 'store-crash',
};

export interface TheatreOptions {
  /** Where PostgreSQL is, as its superuser; one of its own otherwise. */
  postgresUrl?: string;
  /** Runs what was built last, which starts faster. */
  built?: boolean;
  /** Milliseconds that a process hangs: longer than any lease. */
  hang?: number;
}

/** Everything that an order passes, as real processes: two queue-servers, which fall, and what is around them. */
export async function openTheatre({ folder, keep }: Scope, options: TheatreOptions = {}) {
  const { built, hang = 30_000 } = options;
  const how = built === undefined ? {} : { built };
  const postgresUrl =
    options.postgresUrl ?? keep(await startPostgres({ dataDir: join(folder, 'postgres') })).url();
  const [queues, products] = await Promise.all(
    (['queue-server', 'product-server'] as const).map(async (server) => {
      const url = await createDatabase(postgresUrl, server);
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      keep({ stop: () => client.end() });
      return { url, client };
    }),
  );
  if (!queues || !products) throw new Error('no databases');

  const redisOptions = { dataDir: join(folder, 'redis'), durable: true };
  let redis = await startRedis(redisOptions);
  keep({ stop: () => redis.stop() });
  const stream = keep(await watchStream(redis.url));
  const neighbours = keep(await startNeighbours());
  const gateway = keep(await openGateway());
  const shared = {
    LOG_LEVEL: 'warn',
    REDIS_URL: redis.url,
    AUTH_SERVICE_URL: neighbours.url,
    MEMBER_SERVICE_URL: neighbours.url,
    ...SECRETS,
  };
  const running = async (server: Promise<ServerProcess>) => {
    const started = await server;
    keep({ stop: () => started.kill() });
    return started;
  };
  const [productServer, sandboxServer] = await Promise.all([
    running(startServerProcess('product-server', { ...shared, DATABASE_URL: products.url }, how)),
    running(
      startServerProcess(
        'queue-server/sandbox-pg',
        {
          ...shared,
          WEBHOOK_URL: `${gateway.url}/api/payments/webhook`,
          SANDBOX_JOURNAL: join(folder, 'sandbox-pg.jsonl'),
        },
        how,
      ),
    ),
  ]);

  const servers: (ServerProcess | undefined)[] = [undefined, undefined];
  let stopping = false;
  /** Which of them is going to fall, or has fallen. */
  let armed: number | undefined;
  keep({
    async stop() {
      stopping = true;
      await Promise.all(servers.map((server) => server?.kill()));
    },
  });
  const lead = () => gateway.lead(servers.flatMap((it) => (it ? [Number(new URL(it.url).port)] : [])));

  /** What every queue-server has said that fell. */
  let logs = '';

  /** One that may fall before it listens. */
  async function spawn(index: number, point?: CrashPoint): Promise<StartedProcess> {
    const server = await spawnServerProcess(
      'queue-server',
      {
        ...shared,
        DATABASE_URL: queues?.url ?? '',
        PRODUCT_SERVICE_URL: productServer.url,
        PAYMENT_API_URL: sandboxServer.url,
        ...(point && {
          CRASH_AT: `${point.step}:${point.edge}:${point.nth}`,
          CRASH_MODE: point.mode,
          CRASH_REDIS_PID: `${redis.pid}`,
        }),
      },
      { ...how, imports: [PRELOAD] },
    );
    if (stopping) await server.kill();
    servers[index] = server;
    lead();
    server.exited.then(() => {
      logs += server.log();
      if (servers[index] === server) servers[index] = undefined;
      lead();
    });
    return server;
  }

  async function start(index: number): Promise<void> {
    const server = await spawn(index);
    await server.listening();
  }

  async function restartRedis(): Promise<void> {
    await redis.exited;
    redis = await startRedis({ ...redisOptions, port: redis.port });
  }

  return {
    url: gateway.url,
    token: neighbours.token,
    queues: queues.client,
    products: products.client,
    stock: createStock(products.client),
    stream,
    cartRemovals: neighbours.cartRemovals,
    sandbox: createSandbox(sandboxServer.url, SECRETS.PAYMENT_API_SECRET),
    logs: () => logs + servers.map((it) => it?.log() ?? '').join(''),
    /** The processes that run; a caller may look at their metrics. */
    urls: () => servers.flatMap((it) => (it ? [it.url] : [])),
    /** Both queue-servers run, and neither is going to fall. */
    async calm(): Promise<void> {
      await Promise.all(servers.map(async (server, index) => index === armed && server?.kill()));
      await startMissing();
    },
    /**
     * Has one queue-server come to the point while the other one goes on. It stays down; the next act begins with its start.
     * @param patience milliseconds in which it has to come there, once it listens
     * @returns whether it has
     */
    async play(point: CrashPoint, patience: number): Promise<boolean> {
      const index = servers[1] === undefined ? 1 : 0;
      await servers[index]?.kill();
      // Who leads admits: only the one that is left can be sure to.
      if (point.step === 'admit') await servers[1 - index]?.kill();
      const server = await spawn(index, point);
      armed = index;
      const tooLong = server
        .listening()
        .catch(() => undefined)
        .then(() => delay(patience, false, { ref: false }));
      const reached = await Promise.race([fallOf(server, point), tooLong]);
      if (!reached) await server.kill();
      else if (point.mode === 'redis') await restartRedis();
      else if (point.mode === 'stop') {
        await delay(hang);
        process.kill(server.pid, 'SIGCONT');
      }
      if (point.all) await servers[1 - index]?.kill();
      if (!servers[1 - index]) await start(1 - index);
      return reached;
    },
  };

  async function startMissing(): Promise<void> {
    await Promise.all(servers.map(async (server, index) => server ?? start(index)));
  }

  async function fallOf(server: ServerProcess, { mode }: CrashPoint): Promise<true> {
    if (mode === 'kill') await server.exited;
    if (mode === 'redis') await redis.exited;
    while (mode === 'stop' && !isStopped(server.pid)) await delay(20);
    return true;
  }
}
export type Theatre = Awaited<ReturnType<typeof openTheatre>>;

/** The third field of /proc/<pid>/stat, behind the name in brackets: T is stopped. */
function isStopped(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') T ');
  } catch {
    return false;
  }
}

async function createDatabase(postgresUrl: string, server: string): Promise<string> {
  const url = new URL(postgresUrl);
  const name = `crash_${server.replace('-', '_')}_${Date.now()}`;
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  url.pathname = `/${name}`;
  await migrate(url.href, join(ROOT, server, 'prisma/migrations'));
  return url.href;
}
