import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { Failure } from './failure.ts';
import type { Ports } from './ports.ts';
import { endProcess, groupMembers, identify, isRunning, type ProcessIdentity } from './process-identity.ts';

/** What is on disk about a running stack, so that other commands, and the next start, can find it. */

export interface StackRecord extends ProcessIdentity {
  ports: Ports;
  since: string;
}

export interface ServiceRecord extends ProcessIdentity {
  name: string;
  port: number;
  since: string;
}

const STACK = 'stack.json';
const PATIENCE = 10_000;

const stackFile = (run: string) => path.join(run, STACK);
const serviceFile = (run: string, name: string) => path.join(run, `${name}.json`);

function read<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // A record that is gone, or that a crash cut short, says nothing.
    return undefined;
  }
}

/** The stack that runs from here, if one does. */
export function runningStack(run: string): StackRecord | undefined {
  const record = read<StackRecord>(stackFile(run));
  return record && isRunning(record) ? record : undefined;
}

const alreadyRunning = ({ pid, since }: StackRecord): Failure =>
  new Failure(`already running: pid ${pid} since ${since} (npm run status, npm run stop)`);

/** Makes this process the one stack of its data folder; it may say so more than once. */
export function claimStack(run: string, ports: Ports): void {
  if (runningStack(run)?.pid === process.pid) return;
  mkdirSync(run, { recursive: true });
  const self = identify(process.pid);
  if (!self) throw new Error('cannot read the start time of this process');
  const claim = path.join(run, `claim-${process.pid}`);
  writeFileSync(
    claim,
    JSON.stringify({ ...self, ports, since: new Date().toISOString() } satisfies StackRecord),
  );
  try {
    while (!linked(claim, stackFile(run))) removeStale(run);
  } finally {
    rmSync(claim, { force: true });
  }
}

/** A link is made whole or not at all, and by one only. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function removeStale(run: string): void {
  const holder = runningStack(run);
  if (holder) throw alreadyRunning(holder);
  const aside = path.join(run, `stale-${process.pid}`);
  try {
    renameSync(stackFile(run), aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return;
  }
  // Another start may have replaced the stale record in between: then this is its record, and goes back.
  const moved = read<StackRecord>(aside);
  if (moved && isRunning(moved)) linked(aside, stackFile(run));
  rmSync(aside, { force: true });
}

/** Gives up the claim of this process, or of one that is gone. */
export function releaseStack(run: string): void {
  const holder = runningStack(run);
  if (holder && holder.pid !== process.pid) return;
  rmSync(stackFile(run), { force: true });
}

export function recordService(run: string, record: ServiceRecord): void {
  writeFileSync(serviceFile(run, record.name), JSON.stringify(record));
}

export function forgetService(run: string, name: string): void {
  rmSync(serviceFile(run, name), { force: true });
}

export function serviceRecord(run: string, name: string): ServiceRecord | undefined {
  return read<ServiceRecord>(serviceFile(run, name));
}

/** Ends what a stack that was killed left behind, and returns the names. */
export async function endLeftovers(run: string, patience = PATIENCE): Promise<string[]> {
  if (!existsSync(run)) return [];
  const names = readdirSync(run).filter((file) => file.endsWith('.json') && file !== STACK);
  const ended = await Promise.all(
    names.map(async (file) => {
      const record = read<ServiceRecord>(path.join(run, file));
      const alive = record ? [record, ...groupMembers(record)].filter(isRunning) : [];
      // PostgreSQL ends its sessions on SIGINT, and waits for them on SIGTERM; the others take either.
      const signal = record?.name === 'postgres' ? 'SIGINT' : 'SIGTERM';
      await Promise.all(alive.map((identity) => endProcess(identity, signal, patience)));
      rmSync(path.join(run, file), { force: true });
      return record && alive.length > 0 ? [record.name] : [];
    }),
  );
  return ended.flat();
}
