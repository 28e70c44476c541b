import pg from 'pg';
import { databaseUrl, superuserUrl } from './postgres.ts';

/** One database and one role for each service that keeps rows. */
export const DATABASES = {
  'member-server': { database: 'member_db', role: 'member_server' },
  'product-server': { database: 'product_db', role: 'product_server' },
  'queue-server': { database: 'queue_db', role: 'queue_server' },
} as const;

export type DatabaseOwner = keyof typeof DATABASES;

const developmentPassword = (role: string) => role;

/** What the service of that name connects to. */
export function serviceDatabaseUrl(service: DatabaseOwner, port: number): string {
  const { database, role } = DATABASES[service];
  return databaseUrl(port, database, role, developmentPassword(role));
}

/** Makes roles and databases that are missing, and keeps every role out of the others' databases. */
export async function prepareDatabases(port: number): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl(port) });
  await client.connect();
  try {
    for (const { database, role } of Object.values(DATABASES)) await prepareDatabase(client, database, role);
    await client.query('REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC');
  } finally {
    await client.end();
  }
}

async function prepareDatabase(client: pg.Client, database: string, role: string): Promise<void> {
  const exists = async (query: string, name: string) => (await client.query(query, [name])).rowCount === 1;
  if (!(await exists('SELECT FROM pg_roles WHERE rolname = $1', role)))
    await client.query(`CREATE ROLE ${role} LOGIN`);
  await client.query(`ALTER ROLE ${role} PASSWORD ${client.escapeLiteral(developmentPassword(role))}`);
  if (!(await exists('SELECT FROM pg_database WHERE datname = $1', database))) {
    await client.query(`CREATE DATABASE ${database} OWNER ${role}`);
  }
  await client.query(`REVOKE CONNECT, TEMPORARY ON DATABASE ${database} FROM PUBLIC`);
}

/** Makes a database of a cluster unless it is there. @param url of any database there, as the superuser */
export async function ensureDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
