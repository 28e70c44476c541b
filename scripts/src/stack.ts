import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { DATABASES, type DatabaseOwner, prepareDatabases, serviceDatabaseUrl } from './databases.ts';
import { Failure } from './failure.ts';
import { migrate } from './migrate.ts';
import { dataPaths, ROOT } from './paths.ts';
import { type Ports, requireFreePorts } from './ports.ts';
import { initialiseCluster } from './postgres.ts';
import { cleanEnvironment } from './run-command.ts';
import { claimStack, endLeftovers, releaseStack } from './run-records.ts';
import { seed } from './seed.ts';
import { addresses, DEVELOPMENT_SECRETS, type Service, services } from './services.ts';
import { type Supervised, supervise } from './supervise.ts';

export interface StackOptions {
  data: string;
  ports: Ports;
  durable?: boolean;
  secrets?: typeof DEVELOPMENT_SECRETS;
  /** Lines about what happens while the stack runs. */
  report?: (line: string) => void;
  /** Told when a step begins; the function it returns is called when it is done. */
  onStep?: (title: string) => () => void;
  /** The process table, when it is not the shop's own. */
  table?: Service[];
  signal?: AbortSignal;
}

const STORES = ['postgres', 'redis'];

/** Starts a whole stack from what is built; whatever fails, nothing is left running. */
export async function startStack(options: StackOptions) {
  const { data, ports, report = () => undefined, onStep = () => () => undefined, signal } = options;
  const paths = dataPaths(data);
  const settings = {
    data,
    ports,
    durable: options.durable ?? false,
    secrets: options.secrets ?? DEVELOPMENT_SECRETS,
  };
  mkdirSync(paths.logs, { recursive: true });
  // PostgreSQL may run as an account of its own, which has to get through to its data.
  chmodSync(data, 0o711);
  claimStack(paths.run, ports);

  const table = options.table ?? services(settings);
  const env = { ...cleanEnvironment() };
  const running = new Map<string, Supervised>(
    table.map((service) => [service.name, supervise(service, { paths, report, env })]),
  );
  const named = (name: string) => {
    const supervised = running.get(name);
    if (!supervised) throw new Failure(`there is no ${name}; there are ${[...running.keys()].join(', ')}`);
    return supervised;
  };

  let stopping = false;

  async function stop(): Promise<void> {
    stopping = true;
    for (const level of levels(table).reverse()) {
      await Promise.all(level.map(({ name }) => named(name).stop()));
    }
    releaseStack(paths.run);
  }

  function kill(): void {
    for (const supervised of running.values()) supervised.kill();
    releaseStack(paths.run);
  }

  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => undefined);

  async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    // What has become ready meanwhile must not start what waits for it.
    if (stopping) throw new Failure('stopped');
    const done = onStep(title);
    const result = await Promise.race([work(), aborted]);
    done();
    return result;
  }

  async function startAll(all: Service[]): Promise<void> {
    const ready = new Map<string, Promise<void>>();
    for (const service of levels(all).flat()) {
      const waits = service.dependsOn.flatMap((name) => ready.get(name) ?? []);
      ready.set(
        service.name,
        Promise.all(waits).then(() => step(service.name, () => named(service.name).start())),
      );
    }
    await Promise.all(ready.values());
  }

  try {
    const left = await endLeftovers(paths.run);
    if (left.length > 0) report(`ended what an earlier start left running: ${left.join(', ')}`);
    await requireFreePorts(ports, portsOf(table, ports));
    const stores = table.filter(({ name }) => STORES.includes(name));
    if (stores.some(({ name }) => name === 'postgres')) {
      await initialiseCluster(path.join(data, 'postgres'));
    }
    await startAll(stores);
    if (stores.some(({ name }) => name === 'postgres')) {
      await step('databases', () => prepare(ports));
      await step('seed', () => seed({ data, logs: paths.logs, services: table, ...(signal && { signal }) }));
    }
    await startAll(table.filter(({ name }) => !STORES.includes(name)));
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    data,
    ports,
    urls: addresses(settings),
    secrets: settings.secrets,
    stop,
    kill,
    stopService: (name: string) => named(name).stop(),
    startService: (name: string) => named(name).start(),
    identity: (name: string) => named(name).identity(),
  };
}

export type Stack = Awaited<ReturnType<typeof startStack>>;

/** Roles, databases and tables. */
async function prepare(ports: Ports): Promise<void> {
  await prepareDatabases(ports.postgres);
  const owners = Object.keys(DATABASES) as DatabaseOwner[];
  await Promise.all(
    owners.map(async (name) => {
      const directory = path.join(ROOT, name, 'prisma', 'migrations');
      if (existsSync(directory)) await migrate(serviceDatabaseUrl(name, ports.postgres), directory);
    }),
  );
}

/** The table in the order of its dependencies: each level needs nothing but those before it. */
export function levels(table: readonly Service[]): Service[][] {
  const left = new Set(table);
  const order: Service[][] = [];
  while (left.size > 0) {
    const names = new Set([...left].map(({ name }) => name));
    const level = [...left].filter(({ dependsOn }) => !dependsOn.some((name) => names.has(name)));
    if (level.length === 0) throw new Error(`${[...names].join(', ')} depend on each other`);
    for (const service of level) left.delete(service);
    order.push(level);
  }
  return order;
}

/** A port of the table's own, and those beside it that belong to the same process. */
function portsOf(table: readonly Service[], ports: Ports) {
  const names = Object.keys(ports) as (keyof Ports)[];
  const processes = new Set(table.map(({ name }) => name));
  return names.filter((name) => {
    const used = table.some(({ port }) => port === ports[name]);
    return (
      used ||
      (name === 'gatewayStatus' && processes.has('gateway')) ||
      (name === 'proxyAdmin' && processes.has('proxy-server'))
    );
  });
}
