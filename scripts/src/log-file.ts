import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay } from 'node:timers/promises';

const ROTATE_AT = 10 * 1024 * 1024;

/** The log of one process; a long one is put aside when a new one is opened. */
export function logFile(logs: string, name: string): string {
  return path.join(logs, `${name}.log`);
}

/** Opens a log for a process to append to; `offset` is where its own lines begin. */
export function openLog(
  logs: string,
  name: string,
): { fd: number; offset: number; file: string; close: () => void } {
  mkdirSync(logs, { recursive: true });
  const file = logFile(logs, name);
  if (existsSync(file) && statSync(file).size > ROTATE_AT) renameSync(file, `${file}.1`);
  const fd = openSync(file, 'a');
  return { fd, offset: statSync(file).size, file, close: () => closeSync(fd) };
}

const POLL = 250;

interface FollowOptions {
  /** Where to begin; below zero, as many bytes before the end. */
  from: number;
  /** Without one it goes on for ever; with one it still shows what was written before. */
  signal?: AbortSignal;
}

/** Shows the lines of a file as they are written, whole ones only. */
export async function follow(
  file: string,
  options: FollowOptions,
  show: (line: string) => void,
): Promise<void> {
  const { from, signal } = options;
  const fd = openSync(file, 'r');
  try {
    const decoder = new StringDecoder('utf8');
    let position = from < 0 ? Math.max(0, fstatSync(fd).size + from) : from;
    // A tail most likely begins in the middle of a line.
    let partial = from < 0 && position > 0 ? undefined : '';
    for (let last = false; !last; ) {
      last = signal?.aborted ?? false;
      const buffer = Buffer.alloc(Math.max(0, fstatSync(fd).size - position));
      position += readSync(fd, buffer, 0, buffer.length, position);
      const lines = ((partial ?? '') + decoder.write(buffer)).split('\n');
      if (partial === undefined && lines.length > 1) lines.shift();
      partial = lines.pop() ?? '';
      for (const line of lines) if (line !== '') show(line);
      if (!last) await delay(POLL, undefined, signal ? { signal } : {}).catch(() => undefined);
    }
  } finally {
    closeSync(fd);
  }
}

interface LogLine {
  level?: number | string;
  msg?: string;
  err?: { message?: string };
}

/** Pino's numbers, and their names. */
const ERROR_LEVELS: unknown[] = [50, 60, 'error', 'fatal'];
const OWN_WORDS = /did not start: /;
const LOOKS_LIKE_ERROR = /^(?:\w*Error\b|error:|fatal\b)|\[emerg\]|\bFATAL:/i;

function parsed(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function errorOf(line: string): string | undefined {
  const entry = parsed(line);
  if (!entry) return LOOKS_LIKE_ERROR.test(line) ? line : undefined;
  return ERROR_LEVELS.includes(entry.level) ? (entry.err?.message ?? entry.msg) : undefined;
}

/** The line of a log that says best why its process ended. */
export function lastError(file: string, offset = 0): string {
  const text = readFileSync(file).subarray(offset).toString('utf8');
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !/^\s+at /.test(line));
  const own = lines.findLastIndex((line) => OWN_WORDS.test(line));
  if (own >= 0) {
    const said = lines.slice(own).map((line) => line.trim());
    return said.join(' ').replace(/^.*?did not start: /, '');
  }
  const last = lines.at(-1);
  const at = lines.findLastIndex((line) => errorOf(line) !== undefined);
  const error = errorOf(lines[at] ?? '');
  // Some announce what they say on the next line.
  if (error?.trim().endsWith(':')) return `${error.trim()} ${lines[at + 1]?.trim() ?? ''}`;
  return error ?? (last && (parsed(last)?.msg ?? last)) ?? 'it said nothing';
}
