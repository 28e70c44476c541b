import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Load {
  url: string;
  connections: number;
  seconds: number;
  headers?: Record<string, string>;
}

export interface Measurement {
  requestsPerSecond: number;
  /** Milliseconds. */
  p99: number;
}

/** One closed-loop run of Debian's wrk with a single thread. @throws when an answer was no 2xx. */
export async function wrk({ url, connections, seconds, headers = {} }: Load): Promise<Measurement> {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency'];
  for (const [name, value] of Object.entries(headers)) args.push('-H', `${name}: ${value}`);
  const { stdout } = await run('wrk', [...args, url]).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new Error('wrk is missing: apt-get install wrk') : error;
  });
  if (/Non-2xx/.test(stdout)) throw new Error(`${url} did not always answer 2xx:\n${stdout}`);
  return { requestsPerSecond: numberAfter(stdout, /Requests\/sec:\s+([\d.]+)/), p99: latencyAfter(stdout) };
}

function numberAfter(text: string, pattern: RegExp): number {
  const value = Number(pattern.exec(text)?.[1]);
  if (Number.isNaN(value)) throw new Error(`wrk printed no figure for ${pattern}:\n${text}`);
  return value;
}

const UNITS: Record<string, number> = { us: 0.001, ms: 1, s: 1_000 };

function latencyAfter(text: string): number {
  const unit = /99%\s+[\d.]+(us|ms|s)/.exec(text)?.[1] ?? '';
  return numberAfter(text, /99%\s+([\d.]+)/) * (UNITS[unit] ?? Number.NaN);
}
