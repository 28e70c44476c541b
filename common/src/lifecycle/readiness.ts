import type { Readiness } from '../contracts/index.ts';

export interface Dependency {
  name: string;
  /** Resolves when the dependency answers; rejects otherwise. */
  check: (signal: AbortSignal) => Promise<unknown>;
  /** False for one that has a fallback: without it the server is degraded, not away. Default true. */
  required?: boolean;
}

/** One probe answers everybody for this long, so that monitors cannot become a load. */
const CACHE_MS = 500;
const PROBE_TIMEOUT_MS = 1_000;

/** Knows whether the server can serve: its dependencies answer and it is not on its way out. */
export function createReadiness(dependencies: readonly Dependency[]) {
  let draining = false;
  let cached: { at: number; result: Promise<Readiness['checks']> } | undefined;

  async function probeAll(): Promise<Readiness['checks']> {
    const entries = await Promise.all(dependencies.map(async (it) => [it.name, await probe(it)] as const));
    return Object.fromEntries(entries);
  }

  return {
    startDraining: () => {
      draining = true;
    },
    isDraining: () => draining,
    async probe(): Promise<Readiness> {
      const now = performance.now();
      if (!cached || now - cached.at > CACHE_MS) cached = { at: now, result: probeAll() };
      const checks = await cached.result;
      return { status: draining ? 'draining' : statusOf(checks), checks };
    },
  };
}
export type ReadinessProbe = ReturnType<typeof createReadiness>;

/** 200 while the server can serve, even degraded; 503 otherwise. */
export const readinessStatusCode = ({ status }: Readiness): 200 | 503 =>
  status === 'ready' || status === 'degraded' ? 200 : 503;

function statusOf(checks: Readiness['checks']): Readiness['status'] {
  const down = Object.values(checks).filter((check) => check.status === 'down');
  if (down.length === 0) return 'ready';
  return down.some((check) => check.required) ? 'unavailable' : 'degraded';
}

async function probe({ check, required = true }: Dependency): Promise<Readiness['checks'][string]> {
  const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
  const expired = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('timeout')), { once: true });
  });
  try {
    await Promise.race([check(signal), expired]);
    return { status: 'up', required };
  } catch (error) {
    // The class of failure is enough for an operator; messages may carry addresses.
    return { status: 'down', required, error: failureKind(error) };
  }
}

function failureKind(error: unknown): string {
  if (!(error instanceof Error)) return 'error';
  if (error.message === 'timeout' || error.name === 'TimeoutError') return 'timeout';
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : error.name;
}
