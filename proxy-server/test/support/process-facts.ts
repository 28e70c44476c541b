import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { vi } from 'vitest';

const PAGE_BYTES = 4_096;
const MEBIBYTE = 2 ** 20;
const ESTABLISHED = '01';

/** Resident memory of a process, in MiB. */
export function residentMemory(pid: number | undefined): number {
  const [, resident] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
  return (Number(resident) * PAGE_BYTES) / MEBIBYTE;
}

/** The processes that this one has started and that still run. */
export function childrenOf(pid: number | undefined): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);
}

export function isRunning(pid: number): boolean {
  try {
    // A zombie has ended; only its parent has not looked yet.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Established connections that a process has to a local port. */
export function connectionsTo(port: number, pid: number | undefined): number {
  const own = new Set(openFiles(pid));
  return readFileSync(`/proc/${pid}/net/tcp`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote, state]) => remote?.endsWith(`:${hex(port)}`) && state === ESTABLISHED)
    .filter((columns) => own.has(`socket:[${columns[9]}]`)).length;
}

const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');

function openFiles(pid: number | undefined): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}

/** The highest resident memory while `act` runs, in MiB above that before it. */
export async function memoryNeededFor(pid: number | undefined, act: () => Promise<unknown>): Promise<number> {
  const before = residentMemory(pid);
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, residentMemory(pid));
  }, 10);
  try {
    await act();
  } finally {
    clearInterval(watch);
  }
  return Math.max(peak, residentMemory(pid)) - before;
}

interface Observed {
  child: { pid?: number | undefined };
  figure: (name: string) => Promise<number | undefined>;
}

/** Waits until nothing is left of what was asked: no request counted, no connection to the origin in use. */
export async function nothingLeft(proxy: Observed, originPort: number, connections = 0): Promise<void> {
  await vi.waitFor(
    async () => {
      const left = {
        inFlight: await proxy.figure('http_requests_in_flight'),
        connections: connectionsTo(originPort, proxy.child.pid) > connections,
      };
      if (left.inFlight !== 0 || left.connections) throw new Error(`still there: ${JSON.stringify(left)}`);
    },
    { timeout: 5_000, interval: 30 },
  );
}
