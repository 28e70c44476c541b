import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';

/** One PostgreSQL and one Redis for a whole test run, gone with everything in them at its end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = mkdtempSync(path.join(tmpdir(), 'doa-test-'));
  // PostgreSQL may run as an account of its own, which has to get through to its data.
  chmodSync(directory, 0o711);
  const [postgres, redis] = await Promise.all([
    startPostgres({ dataDir: path.join(directory, 'postgres') }),
    startRedis({ dataDir: path.join(directory, 'redis') }),
  ]);
  project.provide('postgresUrl', postgres.url());
  project.provide('redisUrl', redis.url);
  return async () => {
    await Promise.all([postgres.stop(), redis.stop()]);
    rmSync(directory, { recursive: true, force: true });
  };
}
