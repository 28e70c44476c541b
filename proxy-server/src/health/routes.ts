import { type ReadinessProbe, readinessStatusCode } from '@doa-market/common/lifecycle';

/** Answers /health and /ready, which are about the proxy itself and go no further. */
export function createHealthRoutes(readiness: ReadinessProbe) {
  return async (url: string): Promise<Response | undefined> => {
    if (HEALTH.test(url)) return json({ status: 'ok' }, 200);
    if (!READY.test(url)) return undefined;
    const result = await readiness.probe();
    return json(result, readinessStatusCode(result));
  };
}

const HEALTH = /^[^/]*\/\/[^/]*\/health(?:\?|$)/;
const READY = /^[^/]*\/\/[^/]*\/ready(?:\?|$)/;

const json = (body: unknown, status: number) =>
  Response.json(body, { status, headers: { 'Cache-Control': 'private, no-store' } });
