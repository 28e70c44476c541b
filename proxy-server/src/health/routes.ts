import { type ReadinessProbe, readinessStatusCode } from '@doa-market/common/lifecycle';

/** Answers /health and /ready, which are about the proxy itself and go no further. */
export function createHealthRoutes(readiness: ReadinessProbe) {
  return async (path: string): Promise<Response | undefined> => {
    if (path === '/health') return json({ status: 'ok' }, 200);
    if (path !== '/ready') return undefined;
    const result = await readiness.probe();
    return json(result, readinessStatusCode(result));
  };
}

const json = (body: unknown, status: number) =>
  Response.json(body, { status, headers: { 'Cache-Control': 'private, no-store' } });
