import { randomUUID } from 'node:crypto';
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

  const one = async <T extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<T> => {
    const { rows } = await database.query<T>(text, values);
    if (!rows[0]) throw new Error(`no row: ${text}`);
    return rows[0];
  };

  return {
    one,
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
    /** Ids of new SKUs with so many units each. */
    async skus(count: number, units: number): Promise<string[]> {
      const { rows } = await database.query<{ id: string }>(
        `WITH image AS (INSERT INTO images VALUES ($1, 960, 960, '#c0ffee') RETURNING hash),
              category AS (INSERT INTO categories (slug, name, description, position, image_hash)
                           SELECT $2, $2, '', 0, hash FROM image RETURNING id),
              product AS (INSERT INTO products (slug, name, brand, description, category_id, price, list_price,
                                                discount_rate, status, updated_at)
                          SELECT $2, $2, '', '', id, 1000, 1000, 0, 'ACTIVE', now() FROM category RETURNING id)
         INSERT INTO skus (code, product_id, position, values, price, on_hand)
         SELECT $2 || '-' || position, product.id, position, '{}', 1000, $4
         FROM product, generate_series(1, $3) AS position RETURNING id`,
        [randomUUID().replaceAll('-', ''), `bench-${randomUUID()}`, count, units],
      );
      return rows.map(({ id }) => id);
    },
    /** A new event with so many seats, on sale. */
    async event(seats: number): Promise<{ id: string; seatIds: string[] }> {
      const { id } = await one<{ id: string }>(
        `WITH venue AS (INSERT INTO venues (slug, name, address) VALUES ($1, '', '') RETURNING id),
              hall AS (INSERT INTO halls (venue_id, name) SELECT id, '' FROM venue RETURNING id)
         INSERT INTO events (slug, title, artist, description, hall_id, starts_at, duration, sale_opens_at,
                             sale_closes_at, status)
         SELECT $1, '', '', '', id, now() + interval '9 days', 100, now() - interval '1 day',
                now() + interval '8 days', 'PUBLISHED' FROM hall RETURNING id`,
        [`bench-${randomUUID()}`],
      );
      const { rows } = await database.query<{ id: string }>(
        `INSERT INTO seats (event_id, position, section, row, number, grade, x, y, price)
         SELECT $1, position, '', '', position + 1, 'R', 0, 0, 1000 FROM generate_series(0, $2 - 1) AS position
         RETURNING id`,
        [id, seats],
      );
      return { id, seatIds: rows.map((row) => row.id) };
    },
  };
}
export type BenchShop = Awaited<ReturnType<typeof openShop>>;
