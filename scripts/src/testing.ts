import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { migrate, readMigrations } from './migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** PostgreSQL of the run, as its superuser. */
    postgresUrl: string;
    /** Redis of the run. */
    redisUrl: string;
  }
}

export interface TemporaryDatabase {
  url: string;
  drop: () => Promise<void>;
}

async function asSuperuser<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

function urlOf(database: string): string {
  const url = new URL(inject('postgresUrl'));
  url.pathname = `/${database}`;
  return url.href;
}

/** Migrates once per run and set of migrations: copying a template takes a fraction of the time. */
async function template(client: pg.Client, migrationsDir: string): Promise<string> {
  const digest = createHash('sha256')
    .update(JSON.stringify(readMigrations(migrationsDir)))
    .digest('hex');
  const name = `template_${digest.slice(0, 16)}`;
  await client.query('SELECT pg_advisory_lock(hashtext($1))', [name]);
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1 AND datistemplate', [
    name,
  ]);
  if (rowCount === 0) {
    await client.query(`DROP DATABASE IF EXISTS ${name}`);
    await client.query(`CREATE DATABASE ${name}`);
    await migrate(urlOf(name), migrationsDir);
    await client.query(`ALTER DATABASE ${name} IS_TEMPLATE true`);
  }
  await client.query('SELECT pg_advisory_unlock(hashtext($1))', [name]);
  return name;
}

/** A migrated database of one's own, in a few milliseconds. */
export async function temporaryDatabase(migrationsDir: string): Promise<TemporaryDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await asSuperuser(async (client) => {
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${await template(client, migrationsDir)}`);
  });
  const drop = () =>
    asSuperuser(async (client) => void (await client.query(`DROP DATABASE ${name} WITH (FORCE)`)));
  return { url: urlOf(name), drop };
}

/** URL of a Redis database that no other test file uses at the same time; it may hold keys of an earlier one. */
export function redisUrl(): string {
  return `${inject('redisUrl')}/${process.env['VITEST_POOL_ID'] ?? 1}`;
}
