import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startAuthority } from '@doa-market/common/testing';
import { migrate } from '@doa-market/scripts/migrate';
import { initialiseCluster, startPostgres } from '@doa-market/scripts/postgres';
import { startRedis } from '@doa-market/scripts/redis';
import { type ServerProcess, startServerProcess } from '@doa-market/scripts/server-process';
import pg from 'pg';
import type { Scope } from '../clean-up.ts';
import { createStock } from './stock.ts';

const MIGRATIONS = fileURLToPath(new URL('../../../product-server/prisma/migrations', import.meta.url));
const NOWHERE = 'redis://127.0.0.1:1';

/** product-server's databases, its callers' tokens, and processes of it that can be killed. */
export async function openShop({ folder, keep }: Scope) {
  const dataDir = join(folder, 'postgres');
  await initialiseCluster(dataDir);
  appendFileSync(join(dataDir, 'postgresql.conf'), "shared_preload_libraries = 'pg_stat_statements'\n");
  const postgres = keep(await startPostgres({ dataDir, durable: true }));
  const redis = keep(await startRedis({ dataDir: join(folder, 'redis') }));
  const authority = await startAuthority();
  keep({ stop: authority.close });
  await migrate(postgres.url(), MIGRATIONS);
  const database = new pg.Client({ connectionString: postgres.url() });
  await database.connect();
  keep({ stop: () => database.end() });
  await database.query('CREATE EXTENSION pg_stat_statements');

  return {
    database,
    token: await authority.token('SERVICE', 'service:queue-server', {
      claims: { aud: 'product-server', sid: undefined, exp: Math.floor(Date.now() / 1_000) + 3_600 },
    }),
    /** @param gate whether it has Redis, and with it the gate in front of the seats */
    async start(gate = true): Promise<ServerProcess> {
      const server = await startServerProcess('product-server', {
        LOG_LEVEL: 'error',
        DATABASE_URL: postgres.url(),
        AUTH_SERVICE_URL: authority.url,
        REDIS_URL: gate ? redis.url : NOWHERE,
      });
      keep({ stop: () => server.kill() });
      return server;
    },
    ...createStock(database),
  };
}
export type BenchShop = Awaited<ReturnType<typeof openShop>>;
