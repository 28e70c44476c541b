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
  /** Every answer should be an error; without it, every answer should be a 2xx or 3xx. */
  refused?: boolean;
}

export interface Measurement {
  requestsPerSecond: number;
  /** Milliseconds. */
  p50: number;
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
  // An answer that takes more than two seconds is a `timeout` too, and no error: it is in the latencies.
  const broken = /Socket errors: (?!connect 0, read 0, write 0).*/.exec(stdout)?.[0];
  if (broken) throw new Error(`${url}: ${broken}`);
  return {
    requestsPerSecond: numberAfter(stdout, /Requests\/sec:\s+([\d.]+)/),
    p50: percentile(stdout, 50),
    p99: percentile(stdout, 99),
  };
}

function numberAfter(text: string, pattern: RegExp): number {
  const value = Number(pattern.exec(text)?.[1]);
  if (Number.isNaN(value)) throw new Error(`wrk printed no figure for ${pattern}:\n${text}`);
  return value;
}

const UNITS: Record<string, number> = { us: 0.001, ms: 1, s: 1_000 };

function percentile(text: string, rank: number): number {
  const line = new RegExp(`${rank}%\\s+([\\d.]+)(us|ms|s)`);
  return numberAfter(text, line) * (UNITS[line.exec(text)?.[2] ?? ''] ?? Number.NaN);
}
