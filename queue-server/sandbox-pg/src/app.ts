import { createReadiness, readinessStatusCode } from '@doa-market/common/lifecycle';
import { createLogger } from '@doa-market/common/logging';
import type { App } from '@doa-market/common/server';
import { bodyValidation, urlValidation } from '@doa-market/common/validation';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyError, LogController } from 'fastify';
import { createIdempotency } from './api/idempotency.ts';
import { createInterruptions } from './api/interruption.ts';
import { apiRoutes } from './api/routes.ts';
import { checkoutRoutes } from './checkout/routes.ts';
import { createClock } from './clock.ts';
import type { Config } from './config.ts';
import { controlRoutes } from './control/routes.ts';
import { invalidRequest, PortOneError } from './errors.ts';
import { createFaultBox } from './fault-box.ts';
import { createCancellations } from './payment/cancellations.ts';
import { createPayments } from './payment/service.ts';
import { createTill } from './payment/till.ts';
import { createTransitions } from './payment/transitions.ts';
import { createReturnUrls } from './return-url.ts';
import { openStore } from './store.ts';
import { createConfirm } from './webhook/confirm.ts';
import { createNotices } from './webhook/notices.ts';
import { createPost } from './webhook/post.ts';
import { createSecrets } from './webhook/secrets.ts';
import { createSender } from './webhook/sender.ts';

export const SERVER_NAME = 'sandbox-pg';

/** The whole server without its socket. It answers as PortOne does, so it is not made like the others. */
export async function buildApp(config: Config): Promise<App> {
  const logger = createLogger({ name: SERVER_NAME, level: config.LOG_LEVEL });
  const { PAYMENT_STORE_ID: storeId, PAYMENT_API_SECRET: apiSecret } = config;
  const store = openStore({ file: config.SANDBOX_JOURNAL, capacity: config.SANDBOX_MAX_PAYMENTS });
  const clock = createClock(store.settings().ahead);
  const secrets = createSecrets(store, config.PAYMENT_WEBHOOK_SECRETS.split(','));
  const post = createPost(config.WEBHOOK_URL, secrets);
  const sender = createSender({ store, clock, post, logger });
  const faults = createFaultBox(store);
  const notices = createNotices({ store, clock, sender, faults, storeId });
  const confirm =
    config.CONFIRM_STEP === 'on'
      ? createConfirm({ store, clock, post, storeId, logger })
      : async () => ({ confirmed: true as const });
  const transitions = createTransitions({ store, now: clock.now });
  const cancellations = createCancellations({ store, clock, transitions, notices, faults });
  const till = createTill({ store, clock, transitions, notices, confirm });
  const returnUrls = createReturnUrls(config.SANDBOX_RETURN_ORIGINS.split(','));

  const app: App = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 64 * 1_024,
    forceCloseConnections: true,
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler<object>(({ schema, httpPart }) =>
    (httpPart === 'body' ? bodyValidation : urlValidation).compile(schema),
  );
  app.decorate('readiness', createReadiness([]));
  app.addHook('onClose', async () => {
    clock.close();
    await sender.close();
    store.close();
  });

  app.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = refusalOf(error);
    if (!refusal) request.log.error({ err: error }, 'request failed');
    const { status, body } = refusal ?? { status: 500, body: { type: 'INTERNAL' } };
    return reply.status(status).send(body);
  });
  app.setNotFoundHandler((_request, reply) => reply.status(404).send({ type: 'NOT_FOUND' }));

  app.get('/health', async () => ({ status: 'ok' }));
  app.get('/ready', async (_request, reply) => {
    const readiness = await app.readiness.probe();
    return reply.status(readinessStatusCode(readiness)).send(readiness);
  });
  await app.register(apiRoutes, {
    payments: createPayments({ store, clock, cancellations }),
    idempotency: createIdempotency(store, clock),
    interruptions: createInterruptions(store, clock, faults),
    returnUrls,
    apiSecret,
    storeId,
    publicUrl: config.SANDBOX_PG_URL,
  });
  await app.register(checkoutRoutes, { store, till, origins: returnUrls.origins });
  await app.register(controlRoutes, { prefix: '/sandbox', store, clock, till, secrets, apiSecret });

  till.resume();
  cancellations.resume();
  sender.resume();
  return app;
}

function refusalOf(error: FastifyError): { status: number; body: object } | undefined {
  if (error instanceof PortOneError) return { status: error.status, body: error.toBody() };
  const { statusCode = 500 } = error;
  if (error.validation) return { status: 400, body: invalidRequest(error.message).toBody() };
  return statusCode < 500 ? { status: statusCode, body: invalidRequest(error.message).toBody() } : undefined;
}
