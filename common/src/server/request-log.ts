import plugin from 'fastify-plugin';
import type { Logger } from '../logging/index.ts';
import type { Metrics } from '../metrics/index.ts';

/**
 * One line and one observation per request, by route pattern: paths hold ids, and ids are endless. Of a `quiet` route
 * it is a line for debugging, unless somebody is refused for more than being early.
 */
export const requestLog = plugin<{ logger: Logger; metrics: Metrics }>(
  async (app, { logger, metrics }) => {
    // A line has the fields below and no others, so there is nothing in it to redact, which costs ten times the line.
    const log = logger.child({}, { redact: [] });

    app.addHook('onRequest', (_request, _reply, done) => {
      metrics.requestStarted();
      done();
    });
    app.addHook('onResponse', (request, reply, done) => {
      const { url: route = 'unmatched', config } = request.routeOptions;
      const { method } = request;
      const { statusCode: status, elapsedTime } = reply;
      metrics.requestFinished(method, route, status, elapsedTime / 1_000);
      const level = config.quiet && (status < 400 || status === 429) ? 'debug' : 'info';
      if (log.isLevelEnabled(level)) {
        const caller = request.caller && { role: request.caller.role, sub: request.caller.sub };
        const refusal = reply.problemCode && { code: reply.problemCode };
        const ms = Math.round(elapsedTime * 10) / 10;
        log[level]({ method, route, status, ms, ...refusal, ...caller }, 'request');
      }
      done();
    });
    app.addHook('onRequestAbort', async (request) => {
      log.info({ method: request.method, route: request.routeOptions.url }, 'client went away');
    });
  },
  { name: 'request-log' },
);
