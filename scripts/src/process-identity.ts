import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A process that can be told from a later one that was given the same number. */
export interface ProcessIdentity {
  pid: number;
  startedAt: string;
}

/** Ticks since boot say when a process began, and only within one boot. */
const bootId = () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

function readStat(pid: number): { state: string; group: number; ticks: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name in parentheses, and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', group: Number(fields[2]), ticks: Number(fields[19]) };
}

/** When a process began, in a form that only serves to compare; undefined when it is gone. */
function startTime(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') {
      return (
        execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
      );
    }
    const { state, ticks } = readStat(pid);
    return state === 'Z' ? undefined : `${bootId()}:${ticks}`;
  } catch {
    return undefined;
  }
}

export function identify(pid: number): ProcessIdentity | undefined {
  const startedAt = startTime(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

export function isRunning(identity: ProcessIdentity): boolean {
  return startTime(identity.pid) === identity.startedAt;
}

/** Signals a whole process group, or the process alone when it leads none. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** Processes that outlive the leader of their group, such as workers whose master was killed. */
export function groupMembers(leader: ProcessIdentity): ProcessIdentity[] {
  const [boot, ticks] = leader.startedAt.split(':');
  if (process.platform !== 'linux' || boot !== bootId()) return [];
  // While a group lasts, its number is given to no one else: if another process has it, the group is that one's.
  const holder = identify(leader.pid);
  if (holder && holder.startedAt !== leader.startedAt) return [];
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === leader.pid) return [];
    const identity = identify(pid);
    if (!identity || Number(identity.startedAt.split(':')[1]) < Number(ticks)) return [];
    return readStat(pid).group === leader.pid ? [identity] : [];
  });
}

/** Asks a process to end, and makes it when it does not in time. */
export async function endProcess(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
  patience: number,
): Promise<void> {
  if (!isRunning(identity)) return;
  signalGroup(identity.pid, signal);
  if (await gone(identity, patience)) return;
  signalGroup(identity.pid, 'SIGKILL');
  await gone(identity, 5_000);
}

async function gone(identity: ProcessIdentity, patience: number): Promise<boolean> {
  const deadline = Date.now() + patience;
  while (isRunning(identity)) {
    if (Date.now() > deadline) return false;
    await delay(25);
  }
  return true;
}

/** Resident memory of a process in bytes. */
export function memoryOf(pid: number): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
