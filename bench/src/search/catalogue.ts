import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ensureDatabase } from '@doa-market/scripts/databases';
import { freePort } from '@doa-market/scripts/free-port';
import { migrate } from '@doa-market/scripts/migrate';
import type { Postgres } from '@doa-market/scripts/postgres';
import { answering } from '../answering.ts';
import { MEASURED, spawnPinned } from '../pinned.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const MIGRATIONS = fileURLToPath(new URL('../../../product-server/prisma/migrations', import.meta.url));

/** A database with so many generated products; what an earlier run loaded is kept. */
export async function prepareCatalogue(postgres: Postgres, products: number): Promise<string> {
  const name = `catalogue_${products}`;
  await ensureDatabase(postgres.url(), name);
  const url = postgres.url(name);
  await migrate(url, MIGRATIONS);
  const seed = ['run', '--silent', 'seed', '-w', 'product-server', '--', '--products', `${products}`];
  const { stdout } = await promisify(execFile)('npm', seed, {
    cwd: ROOT,
    env: { ...process.env, DATABASE_URL: url, IMAGE_DIR: process.env['IMAGE_DIR'] ?? '.data/images' },
  });
  console.log(`${products} products: ${stdout.trim().split('\n').at(-1)}`);
  return url;
}

/** product-server in front of one of them, on the first core. */
export async function startCatalogue(databaseUrl: string, env: Record<string, string>) {
  const port = await freePort();
  const { stop } = spawnPinned(
    MEASURED,
    [process.execPath, '--conditions=@doa-market/source', '--import', 'tsx', 'product-server/src/main.ts'],
    {
      cwd: ROOT,
      env: { ...env, DATABASE_URL: databaseUrl, PORT: `${port}`, HOST: '127.0.0.1', LOG_LEVEL: 'error' },
    },
  );
  await answering(`http://127.0.0.1:${port}/health`);
  return { url: `http://127.0.0.1:${port}`, stop };
}
