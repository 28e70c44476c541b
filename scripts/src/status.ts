import { dataFolder, readSecrets } from './environment.ts';
import { dataPaths } from './paths.ts';
import { type Probe, probeFailure } from './probes.ts';
import { isRunning, memoryOf } from './process-identity.ts';
import { table } from './progress.ts';
import { runningStack, serviceRecord } from './run-records.ts';
import { type Service, services } from './services.ts';

const NOT_RUNNING = 3;

/** Shows what runs and how it is; exits non-zero unless everything is ready. */
export async function status(): Promise<void> {
  const data = dataFolder(process.env);
  const { run } = dataPaths(data);
  const stack = runningStack(run);
  if (!stack) {
    console.log('not running');
    process.exitCode = NOT_RUNNING;
    return;
  }
  const settings = { data, ports: stack.ports, durable: true, secrets: readSecrets(process.env) };
  const rows = await Promise.all(services(settings).map((service) => statusOf(service, run)));
  const header = ['server', 'pid', 'port', 'health', 'ready', 'up', 'memory'];
  console.log(table([header, ...rows]));
  if (rows.some((row) => row[3] !== 'ok' || row[4] !== 'ok')) process.exitCode = 1;
}

async function statusOf(service: Service, run: string): Promise<string[]> {
  const record = serviceRecord(run, service.name);
  if (!record || !isRunning(record)) return [service.name, '-', `${service.port}`, 'down', 'down', '-', '-'];
  const [health, ready] = await Promise.all([verdict(service.health), verdict(service.ready)]);
  const uptime = duration(Date.now() - Date.parse(record.since));
  const memory = memoryOf(record.pid);
  const megabytes = memory === undefined ? '-' : `${Math.round(memory / 1024 ** 2)} MB`;
  return [service.name, `${record.pid}`, `${service.port}`, health, ready, uptime, megabytes];
}

async function verdict(probe: Probe): Promise<string> {
  try {
    await probe();
    return 'ok';
  } catch (error) {
    return probeFailure(error);
  }
}

function duration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours, minutes, rest] = parts.map((part) => `${part}`.padStart(2, '0'));
  return `${hours}:${minutes}:${rest}`;
}
