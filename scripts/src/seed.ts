import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { contentHash } from './content-hash.ts';
import { ROOT } from './paths.ts';
import { runCommand } from './run-command.ts';
import type { Service } from './services.ts';

const SEEDED = ['member-server', 'product-server'];

interface SeedOptions {
  data: string;
  logs: string;
  services: readonly Service[];
  signal?: AbortSignal;
}

function hasSeed(server: string): boolean {
  const manifest = path.join(ROOT, server, 'package.json');
  return existsSync(manifest) && 'seed' in (JSON.parse(readFileSync(manifest, 'utf8')).scripts ?? {});
}

/** Fills the databases with the demo shop; a seed that already ran against this data is left out. */
export async function seed({ data, logs, services, signal }: SeedOptions): Promise<void> {
  for (const server of SEEDED.filter(hasSeed)) {
    const digest = contentHash([`${server}/prisma`, `${server}/src`, `${server}/package.json`]);
    const stamp = path.join(data, 'seeds', server);
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) continue;
    const env = services.find(({ name }) => name === server)?.env ?? {};
    const log = path.join(logs, `seed-${server}.log`);
    await runCommand(`${server}: seed`, 'npm', ['run', 'seed', '-w', server], {
      log,
      env,
      ...(signal && { signal }),
    });
    mkdirSync(path.dirname(stamp), { recursive: true });
    writeFileSync(stamp, digest);
  }
}
