import type { ReadinessProbe } from '@doa-market/common/lifecycle';
import type { Logger } from '@doa-market/common/logging';
import type { Metrics } from '@doa-market/common/metrics';
import bodyParser from '@koa/bodyparser';
import Koa from 'koa';
import { errorAnswers } from './error-answers.ts';
import { operations } from './operations.ts';
import { requestContext } from './request-context.ts';
import { requestLog } from './request-log.ts';
import type { Router } from './router.ts';

interface KoaOptions {
  logger: Logger;
  metrics: Metrics;
  readiness: ReadinessProbe;
  router: Router;
}

/** The same room as the Fastify servers have, in Koa's words. */
export function createKoa({ logger, metrics, readiness, router }: KoaOptions): Koa {
  const koa = new Koa();
  koa.on('error', (error: unknown) => logger.error({ err: error }, 'response failed'));
  koa.use(requestContext(readiness));
  koa.use(requestLog({ logger, metrics }));
  koa.use(errorAnswers(logger));
  koa.use(operations({ readiness, metrics, openApi: router.openApi }));
  koa.use(bodyParser({ enableTypes: ['json'], jsonLimit: '16kb', encoding: 'utf-8' }));
  koa.use(router.middleware());
  return koa;
}
