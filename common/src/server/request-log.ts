import plugin from 'fastify-plugin';
import type { Metrics } from '../metrics/index.ts';

/** Probes come every second; their lines would bury the others. */
const QUIET = new Set(['/health', '/ready', '/metrics']);

/** One line and one observation per request, by route pattern: paths hold ids, and ids are endless. */
export const requestLog = plugin<{ metrics: Metrics }>(
  async (app, { metrics }) => {
    app.addHook('onRequest', async () => metrics.requestStarted());
    app.addHook('onResponse', async (request, reply) => {
      const route = request.routeOptions.url ?? 'unmatched';
      const { method } = request;
      const { statusCode: status, elapsedTime } = reply;
      metrics.requestFinished(method, route, status, elapsedTime / 1_000);
      const level = QUIET.has(route) ? 'debug' : 'info';
      const caller = request.caller && { role: request.caller.role, sub: request.caller.sub };
      request.log[level](
        { method, route, status, ms: Math.round(elapsedTime * 10) / 10, ...caller },
        'request',
      );
    });
    app.addHook('onRequestAbort', async (request) => {
      request.log.info({ method: request.method, route: request.routeOptions.url }, 'client went away');
    });
  },
  { name: 'request-log' },
);
