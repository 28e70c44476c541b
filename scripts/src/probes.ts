import { postgresAnswers, superuserUrl } from './postgres.ts';
import { pingRedis } from './redis.ts';

/** Resolves when a process answers; rejects with what is missing. */
export type Probe = () => Promise<void>;

const PROBE_TIMEOUT = 3_000;

interface ReadinessBody {
  checks?: Record<string, { status: string; error?: string }>;
}

/** The dependencies that a /ready names as missing, for people. */
function missing(body: ReadinessBody): string {
  const down = Object.entries(body.checks ?? {}).filter(([, check]) => check.status !== 'up');
  return down
    .map(([name, { status, error }]) => `${name} is ${status}${error ? ` (${error})` : ''}`)
    .join(', ');
}

export function httpProbe(url: string): Probe {
  return async () => {
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT), redirect: 'manual' });
    const text = await response.text();
    if (response.ok) return;
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const detail = isJson ? missing(JSON.parse(text)) : '';
    throw new Error(detail || `answers ${response.status}`);
  };
}

export const redisProbe =
  (port: number): Probe =>
  () =>
    pingRedis(port);

export const postgresProbe =
  (port: number): Probe =>
  () =>
    postgresAnswers(superuserUrl(port), 0);

/** Why a probe failed, in one phrase. */
export function probeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return error.name === 'TimeoutError' ? 'timeout' : error.message;
}
