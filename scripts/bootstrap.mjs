// @ts-check
// The first thing that runs on a fresh machine: only Node's own modules are there yet.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_NODE = [20, 19];
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const LOCKFILE = join(ROOT, 'package-lock.json');
const STAMP = join(ROOT, 'node_modules', '.doa-market-installed');
const LOCK = join(ROOT, '.installing');

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message);
  process.exit(1);
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  fail(`Node ${OLDEST_NODE.join('.')} or later is needed, this is ${process.versions.node}`);
}

/** What decides whether node_modules is what this checkout asks for. */
function fingerprint() {
  const hash = createHash('sha256').update(process.version);
  const manifests = [
    join(ROOT, 'package.json'),
    ...workspaces().map((name) => join(ROOT, name, 'package.json')),
  ];
  const files = existsSync(LOCKFILE) ? [LOCKFILE] : manifests.filter(existsSync);
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex');
}

/** @returns {string[]} */
function workspaces() {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).workspaces;
}

/**
 * @param {'ci' | 'install'} command
 * @param {string[]} [tolerated] error codes that the caller takes care of
 * @param {string[]} [extra]
 * @returns {string | undefined} the tolerated error code that came up
 */
function npm(command, tolerated = [], extra = []) {
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...extra];
  // Under `npm start` the environment names the running npm and its settings; a nested npm must find its own.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
  const { error, status, stderr } = spawnSync('npm', [command, ...flags], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
  });
  if (error) fail(`npm could not be run: ${error.message}`);
  if (status === 0) return undefined;
  const code = tolerated.find((it) => stderr.includes(`code ${it}`));
  if (code) return code;
  const lines = stderr.trim().split('\n').slice(0, 12);
  fail(`failed\n${lines.join('\n')}\n\`npm ${command}\` failed; see the lines above`);
}

const isInstalled = () => existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprint();

/** Two installations at once would leave half of each: the second waits, and finds nothing to do. */
function lockInstallation() {
  for (;;) {
    try {
      writeFileSync(LOCK, `${process.pid}`, { flag: 'wx' });
      process.once('exit', unlockInstallation);
      return;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
    if (isHeldByNobody()) rmSync(LOCK, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
}

function unlockInstallation() {
  process.off('exit', unlockInstallation);
  rmSync(LOCK, { force: true });
}

function isHeldByNobody() {
  try {
    process.kill(Number(readFileSync(LOCK, 'utf8')) || process.pid, 0);
    return false;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH';
  }
}

function installPackages() {
  if (isInstalled()) return;
  lockInstallation();
  if (isInstalled()) return;
  const started = performance.now();
  process.stdout.write('npm packages ... ');
  if (!existsSync(LOCKFILE)) npm('install');
  // A registry without the packages of other platforms leaves a lockfile that `npm ci` calls incomplete.
  else if (npm('ci', ['EUSAGE']) === 'EUSAGE') npm('install', [], ['--no-save']);
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, fingerprint());
  unlockInstallation();
  console.log(`${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function handOver() {
  const node = ['--conditions=@doa-market/source', '--import', 'tsx', join(ROOT, 'scripts', 'src', 'cli.ts')];
  const child = spawn(process.execPath, [...node, ...process.argv.slice(2)], { stdio: 'inherit', cwd: ROOT });
  // Ctrl-C in a terminal reaches the child by itself; a signal sent to this process alone is passed on.
  process.on('SIGINT', () => undefined);
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

requireNode();
installPackages();
handOver();
