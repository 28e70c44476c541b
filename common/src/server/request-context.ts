import plugin from 'fastify-plugin';
import {
  budgetFrom,
  createDeadline,
  DEADLINE_HEADER,
  type RequestContext,
  runInContext,
  traceparentFrom,
} from '../context/index.ts';
import { timedOut } from '../errors/index.ts';
import type { ReadinessProbe } from '../lifecycle/index.ts';

interface RequestContextOptions {
  readiness: ReadinessProbe;
  /** Milliseconds for a request whose caller gives it no less. */
  budget: number | undefined;
}

/** Gives each request its context, answers with its id, and asks clients to leave while draining. */
export const requestContext = plugin<RequestContextOptions>(
  async (app, { readiness, budget = Number.POSITIVE_INFINITY }) => {
    const contexts = new WeakMap<object, RequestContext>();

    app.addHook('onRequest', (request, reply, done) => {
      const gone = new AbortController();
      const time = Math.min(budget, budgetFrom(request.headers[DEADLINE_HEADER]) ?? budget);
      const limit = Number.isFinite(time) ? createDeadline(time, gone.signal) : undefined;
      reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) gone.abort();
        limit?.release();
      });
      const context = {
        requestId: request.id,
        traceparent: traceparentFrom(request.headers['traceparent']),
        signal: limit?.signal ?? gone.signal,
        deadline: limit && performance.now() + time,
      };
      contexts.set(request, context);
      // Nothing may be stored unless its route says so on purpose.
      reply.headers({ 'X-Request-Id': request.id, 'Cache-Control': 'private, no-store' });
      // Whoever sent it has given up by now.
      if (time === 0) return done(timedOut());
      runInContext(context, done);
    });

    // Asked when the answer leaves: requests that came before the draining hold connections open too.
    app.addHook('onSend', async (_request, reply) => {
      if (readiness.isDraining()) reply.header('Connection', 'close');
    });

    // A body arrives on the socket's own events, which lose the context, so it is entered again.
    app.addHook('preValidation', (request, _reply, done) => {
      const context = contexts.get(request);
      if (context) runInContext(context, done);
      else done();
    });
  },
  { name: 'request-context' },
);
