import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Failure } from './failure.ts';

interface SystemPackage {
  name: string;
  /** Any one of these tells that it is there: programs by name, files by path. */
  provides: string[];
}

const TRIPLETS: Record<string, string> = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' };
const NATIVE_LUA = `/usr/lib/${TRIPLETS[process.arch]}/lua/5.1`;
const LUA = '/usr/share/lua/5.1';

const TO_START: SystemPackage[] = [
  { name: 'redis-server', provides: ['redis-server'] },
  { name: 'nginx', provides: ['nginx'] },
  { name: 'libnginx-mod-http-lua', provides: ['/usr/lib/nginx/modules/ngx_http_lua_module.so'] },
  { name: 'lua-cjson', provides: [`${NATIVE_LUA}/cjson.so`] },
  { name: 'lua-yaml', provides: [`${NATIVE_LUA}/yaml.so`, `${LUA}/yaml.lua`] },
  { name: 'lua-luaossl', provides: [`${NATIVE_LUA}/_openssl.so`] },
  { name: 'lua-nginx-redis', provides: [`${LUA}/nginx/redis.lua`] },
  { name: 'curl', provides: ['curl'] },
];

const TO_TEST: SystemPackage[] = [
  ...TO_START,
  { name: 'chromium', provides: ['chromium'] },
  { name: 'docker-compose', provides: ['docker-compose'] },
  { name: 'jq', provides: ['jq'] },
  { name: 'lua-check', provides: ['luacheck'] },
  { name: 'shellcheck', provides: ['shellcheck'] },
];

/** A user's PATH often lacks the folders of system programs. */
const searchPath = () => [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];

const isThere = (wanted: string): boolean =>
  path.isAbsolute(wanted)
    ? existsSync(wanted)
    : searchPath().some((directory) => existsSync(path.join(directory, wanted)));

/**
 * Installs Debian packages without letting them start their services, which would take ports 80 and 6379 and run on:
 * invoke-rc.d asks policy-rc.d, and 101 means "not allowed".
 */
const INSTALL_SCRIPT = `set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  trap 'rm -f $policy' EXIT
  printf '#!/bin/sh\\nexit 101\\n' > $policy
  chmod 755 $policy
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -q -y --no-install-recommends "$@"
`;

/** How this user becomes root without being asked, if that is possible. */
function asRoot(): string[] | undefined {
  if (process.getuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined;
}

/** What is asked of the machine before anything is done to it. */
export interface System {
  isThere: (wanted: string) => boolean;
  isDebian: () => boolean;
  /** The command that precedes another to run it as root; undefined when this user cannot. */
  asRoot: () => string[] | undefined;
}

const thisSystem: System = { isThere, isDebian: () => existsSync('/usr/bin/apt-get'), asRoot };

/** Makes sure that the system's packages are there; `onInstall` is told before anything is installed. */
export function requireSystemPackages(
  purpose: 'start' | 'test',
  onInstall: (names: string[]) => void,
  system: System = thisSystem,
): void {
  const wanted = purpose === 'start' ? TO_START : TO_TEST;
  const missing = wanted.filter(({ provides }) => !provides.some(system.isThere)).map(({ name }) => name);
  if (missing.length === 0) return;
  if (!system.isDebian())
    throw new Failure(
      `missing, and this is not Debian, so install their likes yourself: ${missing.join(' ')}`,
    );
  const root = system.asRoot();
  const line = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (!root) throw new Failure(`system packages are missing; run: sudo ${line}`);
  onInstall(missing);
  const [command = 'sh', ...args] = [...root, 'sh', '-c', INSTALL_SCRIPT, 'sh', ...missing];
  const { status, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status === 0) return;
  const reason =
    stderr
      .split('\n')
      .filter((it) => /^E:/.test(it))
      .at(-1) ?? stderr.trim().split('\n').at(-1);
  throw new Failure(`apt-get failed (${reason}); run: ${line}`);
}
