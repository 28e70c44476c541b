import { readFileSync } from 'node:fs';

/** What the kernel says of a process. @throws where it is gone */
const of = (pid: number | undefined, file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8');

export const residentBytes = (pid: number | undefined): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(of(pid, 'status'))?.[1]) * 1_024;

/** The kernel counts in hundredths of a second here, whatever it ticks at. */
const TICK_MS = 10;

/** Processor time of all its threads, in user and kernel mode, in milliseconds. */
export function processorTime(pid: number | undefined): number {
  // The name, which may have anything in it, is in parentheses before the third field.
  const stat = of(pid, 'stat');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
