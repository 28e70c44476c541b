import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Load {
  url: string;
  connections: number;
  seconds: number;
  headers?: Record<string, string>;
  /** A Lua script of wrk's. */
  script?: string;
  /** Every answer should be an error; without it, every answer should be a 2xx. */
  refused?: boolean;
}

export interface Measurement {
  requestsPerSecond: number;
  /** Milliseconds. */
  p99: number;
}

/** One closed-loop run of Debian's wrk with a single thread, on the second core. @throws on unexpected answers. */
export async function wrk(load: Load): Promise<Measurement> {
  const { url, connections, seconds, headers = {}, script, refused = false } = load;
  const args = ['-c', '1', 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--latency'];
  for (const [name, value] of Object.entries(headers)) args.push('-H', `${name}: ${value}`);
  if (script) args.push('-s', script);
  const { stdout } = await run('taskset', [...args, url]).catch((error: Error) => {
    throw /wrk/.test(error.message) && /No such file/.test(error.message)
      ? new Error('wrk is missing: apt-get install wrk')
      : error;
  });
  const total = numberAfter(stdout, /(\d+) requests in/);
  const errors = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0);
  if (errors !== (refused ? total : 0))
    throw new Error(`${url} answered ${errors} of ${total} with an error`);
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
