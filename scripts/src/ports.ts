import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { Failure } from './failure.ts';
import { freePort } from './free-port.ts';

/** Every port of the stack: its owner, the variable that moves it, and where it is otherwise. */
export const PORTS = {
  postgres: { owner: 'postgres', variable: 'POSTGRES_PORT', port: 5433 },
  redis: { owner: 'redis', variable: 'REDIS_PORT', port: 6380 },
  auth: { owner: 'auth-server', variable: 'AUTH_PORT', port: 4000 },
  member: { owner: 'member-server', variable: 'MEMBER_PORT', port: 5000 },
  product: { owner: 'product-server', variable: 'PRODUCT_PORT', port: 3002 },
  queue: { owner: 'queue-server', variable: 'QUEUE_PORT', port: 3003 },
  sandboxPg: { owner: 'sandbox-pg', variable: 'SANDBOX_PG_PORT', port: 3010 },
  bff: { owner: 'bff-server', variable: 'BFF_PORT', port: 3001 },
  gateway: { owner: 'gateway', variable: 'GATEWAY_PORT', port: 8000 },
  gatewayStatus: { owner: 'gateway', variable: 'GATEWAY_STATUS_PORT', port: 8100 },
  web: { owner: 'web', variable: 'WEB_PORT', port: 3000 },
  proxy: { owner: 'proxy-server', variable: 'PROXY_PORT', port: 9000 },
  proxyAdmin: { owner: 'proxy-server', variable: 'ADMIN_PORT', port: 9001 },
} as const;

export type PortName = keyof typeof PORTS;
export type Ports = Record<PortName, number>;

const names = Object.keys(PORTS) as PortName[];

const eachPort = (value: (name: PortName) => number): Ports =>
  Object.fromEntries(names.map((name) => [name, value(name)])) as Ports;

/** The ports as the environment wants them. */
export function readPorts(env: NodeJS.ProcessEnv): Ports {
  const ports = eachPort((name) => {
    const { variable, port } = PORTS[name];
    const value = Number(env[variable] || port);
    if (Number.isInteger(value) && value > 0 && value < 65_536) return value;
    throw new Failure(`${variable}=${env[variable]} is not a port`);
  });
  for (const name of names) {
    const twin = names.find((other) => other !== name && ports[other] === ports[name]);
    if (twin)
      throw new Failure(`${PORTS[name].variable} and ${PORTS[twin].variable} are both ${ports[name]}`);
  }
  return ports;
}

/** A set of ports that nobody else uses, for a stack beside others. */
export async function freePorts(): Promise<Ports> {
  const taken = new Set<number>();
  while (taken.size < names.length) taken.add(await freePort());
  const free = [...taken];
  return eachPort((name) => free[names.indexOf(name)] ?? 0);
}

/** Refuses to start on ports that are in use, all of them in one message. */
export async function requireFreePorts(ports: Ports, wanted: readonly PortName[] = names): Promise<void> {
  const busy = await Promise.all(
    wanted.map(async (name) => {
      if (!(await isListening(ports[name]))) return [];
      const { owner, variable } = PORTS[name];
      const by = portOwner(ports[name]);
      return [`port ${ports[name]} (${owner}) is in use${by ? ` by ${by}` : ''}; stop it or set ${variable}`];
    }),
  );
  if (busy.flat().length > 0) throw new Failure(busy.flat().join('\n'));
}

export function isListening(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: 1_000 });
    const answer = (listening: boolean) => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', () => answer(true));
    socket.once('timeout', () => answer(true));
    socket.once('error', () => answer(false));
  });
}

/** `pid 123 (nginx)` of who listens on a port, as far as Linux lets this user see. */
function portOwner(port: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listeningInodes(file, port)));
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    if (!socketsOf(pid).some((inode) => inodes.has(inode))) continue;
    return `pid ${pid} (${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()})`;
  }
  return undefined;
}

const LISTEN = '0A';

function listeningInodes(file: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readable(() => readFileSync(file, 'utf8').split('\n')).map((line) => line.trim().split(/\s+/));
  return rows.flatMap((row) => (row[1]?.endsWith(suffix) && row[3] === LISTEN && row[9] ? [row[9]] : []));
}

function socketsOf(pid: string): string[] {
  const directory = `/proc/${pid}/fd`;
  const descriptors = readable(() => readdirSync(directory));
  return descriptors
    .flatMap((fd) => readable(() => [readlinkSync(`${directory}/${fd}`)]))
    .flatMap((link) => {
      const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
      return inode ? [inode] : [];
    });
}

/** Processes of other users, and those that have just ended, cannot be looked into. */
function readable(read: () => string[]): string[] {
  try {
    return read();
  } catch {
    return [];
  }
}
