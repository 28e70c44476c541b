import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATABASES, type DatabaseOwner, prepareDatabases, serviceDatabaseUrl } from '../src/databases.ts';
import { type Postgres, startPostgres } from '../src/postgres.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'doa-postgres-'));
const dataDir = path.join(directory, 'postgres');
chmodSync(directory, 0o711);
let postgres: Postgres;

async function query(url: string, sql: string): Promise<pg.QueryResultRow[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  postgres = await startPostgres({ dataDir });
  await prepareDatabases(postgres.port);
});

afterAll(async () => {
  await postgres.stop();
  rmSync(directory, { recursive: true });
});

describe('the databases', () => {
  const owners = Object.keys(DATABASES) as DatabaseOwner[];

  it.each(owners)('let %s into its own alone', async (owner) => {
    const own = serviceDatabaseUrl(owner, postgres.port);
    expect(await query(own, 'SELECT current_user AS role')).toEqual([{ role: DATABASES[owner].role }]);
    const others = [...owners.filter((it) => it !== owner).map((it) => DATABASES[it].database), 'postgres'];
    for (const other of others) {
      const url = new URL(own);
      url.pathname = `/${other}`;
      await expect(query(url.href, 'SELECT')).rejects.toThrow('permission denied for database');
    }
  });

  it.each(['pg_trgm', 'citext', 'unaccent', 'btree_gin'])('let their owners use %s', async (extension) => {
    const url = serviceDatabaseUrl('product-server', postgres.port);
    await expect(query(url, `CREATE EXTENSION ${extension}`)).resolves.toEqual([]);
  });

  it('can be prepared again', async () => {
    await expect(prepareDatabases(postgres.port)).resolves.toBeUndefined();
  });
});

describe('a cluster that was killed', () => {
  it.each([
    ['of a process that is gone', (pid: string) => pid],
    ['of a process that is another one now', () => `${process.pid}`],
  ])('starts again on its data, in spite of the lock %s', async (_, holder) => {
    const killed = mkdtempSync(path.join(directory, 'killed-'));
    rmSync(killed, { recursive: true });
    const first = await startPostgres({ dataDir: killed, durable: true });
    await query(first.url(), 'CREATE TABLE kept ()');
    const lock = path.join(killed, 'postmaster.pid');
    const [pid = '', ...rest] = readFileSync(lock, 'utf8').split('\n');
    process.kill(Number(pid), 'SIGKILL');
    await first.stop();
    writeFileSync(lock, [holder(pid), ...rest].join('\n'));

    const second = await startPostgres({ dataDir: killed, durable: true });
    expect(await query(second.url(), "SELECT to_regclass('kept') AS kept")).toEqual([{ kept: 'kept' }]);
    await second.stop();
  });
});
