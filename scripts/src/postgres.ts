import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { endedWithParent } from './parent-death.ts';
import { asAccount, postgresAccount, postgresBinaries } from './postgres-binaries.ts';

export interface ClusterOptions {
  dataDir: string;
  port: number;
  /** Off for throw-away clusters: survives a crash of the server, not of the machine. */
  durable: boolean;
  maxConnections?: number;
}

export interface CommandLine {
  command: string;
  args: string[];
}

const SUPERUSER = 'postgres';
const SUPERUSER_PASSWORD = 'postgres-development';

/**
 * PostgreSQL takes the lock of one that was killed for its own only while its number is free: after a reboot, or in a
 * container, it often belongs to some other process, and then the start would be refused.
 */
function removeStaleLock(dataDir: string): void {
  const lock = path.join(dataDir, 'postmaster.pid');
  if (process.platform !== 'linux' || !existsSync(lock)) return;
  const [pid = ''] = readFileSync(lock, 'utf8').split('\n');
  const name = `/proc/${pid.trim()}/comm`;
  if (!existsSync(name) || readFileSync(name, 'utf8').trim() !== 'postgres') rmSync(lock);
}

/** Makes the cluster's data directory unless it is already there. */
export async function initialiseCluster(dataDir: string): Promise<void> {
  const account = postgresAccount();
  if (existsSync(path.join(dataDir, 'PG_VERSION'))) return removeStaleLock(dataDir);
  // A directory without PG_VERSION is what an interrupted initdb leaves behind.
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const passwordFile = `${dataDir}.password`;
  writeFileSync(passwordFile, `${SUPERUSER_PASSWORD}\n`, { mode: 0o600 });
  if (account) for (const file of [dataDir, passwordFile]) chownSync(file, account.uid, account.gid);
  const flags = [
    '--encoding=UTF8',
    '--locale=C.UTF-8',
    '--auth=scram-sha-256',
    '--no-sync',
    '--no-instructions',
  ];
  const [command, args] = asAccount(account, dataDir, postgresBinaries().initdb, [
    ...flags,
    `--pgdata=${dataDir}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
  ]);
  try {
    await promisify(execFile)(command, args, { cwd: dataDir });
  } catch (cause) {
    rmSync(dataDir, { recursive: true, force: true });
    throw new Error(`initdb failed: ${String(cause)}`, { cause });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** The command line of the server, in the foreground. */
export function postgresCommand(options: ClusterOptions): CommandLine {
  const settings: Record<string, string | number> = {
    port: options.port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: options.maxConnections ?? 200,
    shared_buffers: '64MB',
    timezone: 'UTC',
    ...(options.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [command, args] = asAccount(postgresAccount(), options.dataDir, postgresBinaries().postgres, [
    '-D',
    options.dataDir,
    ...flags,
  ]);
  return { command, args };
}

/** URL of a database as the superuser. */
export function superuserUrl(port: number, database = 'postgres'): string {
  return databaseUrl(port, database, SUPERUSER, SUPERUSER_PASSWORD);
}

export function databaseUrl(port: number, database: string, user: string, password: string): string {
  return `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

/** Answers once the server takes queries. */
export async function postgresAnswers(url: string, deadline: number): Promise<void> {
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(50);
    }
  }
}

export interface Postgres {
  port: number;
  url: (database?: string) => string;
  stop: () => Promise<void>;
}

/** Starts a cluster that lives as long as its caller wants it: for tests and for tools. */
export async function startPostgres(options: {
  dataDir: string;
  port?: number;
  durable?: boolean;
}): Promise<Postgres> {
  await initialiseCluster(options.dataDir);
  const port = options.port ?? (await freePort());
  const durable = options.durable ?? false;
  const commandLine = postgresCommand({ dataDir: options.dataDir, port, durable });
  const { command, args } = endedWithParent(commandLine, 'SIGINT');
  const log = openSync(`${options.dataDir}.log`, 'a');
  const server = spawn(command, args, { stdio: ['ignore', log, log], cwd: options.dataDir });
  const exited = once(server, 'exit');
  const orphaned = () => server.kill('SIGINT');
  process.once('exit', orphaned);
  const died = exited.then(() => {
    throw new Error(`PostgreSQL did not start (log: ${options.dataDir}.log)`);
  });
  await Promise.race([postgresAnswers(superuserUrl(port), Date.now() + 30_000), died]);
  died.catch(() => undefined);
  const stop = async () => {
    // SIGINT is PostgreSQL's fast shutdown: sessions are ended, nothing needs recovery.
    server.kill('SIGINT');
    await exited;
    process.off('exit', orphaned);
  };
  return { port, url: (database) => superuserUrl(port, database), stop };
}
