import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { LogController } from 'fastify';
import type { TokenVerifier } from '../auth/index.ts';
import { requestIdFrom } from '../context/index.ts';
import { createReadiness, type Dependency } from '../lifecycle/index.ts';
import type { Logger } from '../logging/index.ts';
import type { Metrics } from '../metrics/index.ts';
import { accessControl } from './access-control.ts';
import { documentation } from './documentation.ts';
import { errorAnswers } from './error-answers.ts';
import { createFront } from './front.ts';
import { operations } from './operations.ts';
import { requestContext } from './request-context.ts';
import { requestLog } from './request-log.ts';
import type { App } from './types.ts';
import { validatorCompiler } from './validation.ts';

export interface AppOptions {
  name: string;
  description: string;
  logger: Logger;
  metrics: Metrics;
  verifyToken: TokenVerifier;
  dependencies: readonly Dependency[];
  /** Bytes; 1 MB unless a route says otherwise. */
  bodyLimit?: number;
  /** Milliseconds that a request has, and what it asks of others; no end unless its caller names one. */
  budget?: number;
}

/**
 * A Fastify app with all that every server of ours has: request context, one log line and one metric per
 * request, problem documents, access control by route, /health, /ready, /metrics and /docs.
 */
export async function createApp(options: AppOptions): Promise<App> {
  const {
    name,
    description,
    logger,
    metrics,
    verifyToken,
    dependencies,
    bodyLimit = 1_048_576,
    budget,
  } = options;
  const readiness = createReadiness(dependencies);
  const front = createFront({ verifyToken, readiness, logger, metrics });
  const app: App = fastify({
    serverFactory: front.serverFactory,
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    // The logger adds the request's id by itself, so a child per request would only cost.
    childLoggerFactory: (parent) => parent,
    genReqId: (request) => requestIdFrom(request.headers['x-request-id']),
    bodyLimit,
    // While draining, requests on open connections are still served: they were sent before we said so.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.decorate('readiness', readiness);
  app.decorate('addFastPath', front.addFastPath);
  app.addHook('onRoute', ({ url, method, config }) => {
    if (config?.sheddable) for (const it of [method].flat()) front.addSheddable(it, url);
  });

  await app.register(requestContext, { readiness, budget });
  await app.register(requestLog, { logger, metrics });
  await app.register(errorAnswers);
  await app.register(accessControl, { verifyToken });
  await app.register(documentation, { name, description });
  await app.register(operations, { readiness, registry: metrics.registry });
  return app;
}
